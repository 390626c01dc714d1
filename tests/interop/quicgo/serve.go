package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"net/http"

	"github.com/quic-go/quic-go/http3"
)

// serve prints its address and then answers every request, until it is killed, by the request's own content, with its method
// and path in the headers x-method and x-path.
func serve(_ context.Context, arguments []string) error {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	certificate, err := selfSigned(key)
	if err != nil {
		return err
	}
	socket, err := openSocket(-1)
	if err != nil {
		return err
	}
	server := http3.Server{
		TLSConfig: http3.ConfigureTLSConfig(&tls.Config{Certificates: []tls.Certificate{certificate}}),
		Handler: http.HandlerFunc(func(writer http.ResponseWriter, message *http.Request) {
			content, err := io.ReadAll(message.Body)
			if err != nil {
				writer.WriteHeader(http.StatusBadRequest)
				return
			}
			writer.Header().Set("X-Method", message.Method)
			writer.Header().Set("X-Path", message.URL.Path)
			writer.Write(content)
		}),
	}
	fmt.Println("listening on", socket.LocalAddr())
	return server.Serve(socket)
}

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
)

// client is one HTTP/3 connection, over a socket that somebody else owns and may use again after close.
type client struct {
	transport  *quic.Transport
	connection quic.EarlyConnection
	http       *http3.RoundTripper
}

type response struct {
	Status  int                 `json:"status"`
	Headers map[string][]string `json:"headers"`
	Body    []byte              `json:"body"`
}

// connect makes the connection, its handshake complete. Without a generator quic-go draws the connection IDs itself.
func connect(ctx context.Context, socket net.PacketConn, server, pin string,
	generator quic.ConnectionIDGenerator) (*client, error) {
	address, err := net.ResolveUDPAddr("udp4", server)
	if err != nil {
		return nil, err
	}
	c := &client{transport: &quic.Transport{Conn: socket, ConnectionIDGenerator: generator}}
	settings := &tls.Config{
		InsecureSkipVerify:    true, // what is trusted is a pin, not a certificate
		VerifyPeerCertificate: pinned(pin),
		NextProtos:            []string{http3.NextProtoH3},
	}
	c.connection, err = c.transport.DialEarly(ctx, address, settings, &quic.Config{})
	if err != nil {
		return nil, err
	}
	select {
	case <-c.connection.HandshakeComplete():
	case <-c.connection.Context().Done():
		return nil, context.Cause(c.connection.Context())
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c.http = &http3.RoundTripper{
		DisableCompression: true,
		Dial: func(context.Context, string, *tls.Config, *quic.Config) (quic.EarlyConnection, error) {
			return c.connection, nil
		},
	}
	return c, nil
}

// exporter is keying material of the TLS connection (RFC 8446 section 7.5) with an empty context.
func (c *client) exporter(label string, size int) ([]byte, error) {
	state := c.connection.ConnectionState().TLS
	return state.ExportKeyingMaterial(label, []byte{}, size)
}

func (c *client) exchange(ctx context.Context, method, url string, headers http.Header, body []byte) (*response, error) {
	message, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	message.Header = headers
	answer, err := c.http.RoundTrip(message)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	return &response{Status: answer.StatusCode, Headers: answer.Header, Body: content}, nil
}

// close says goodbye; the socket stays open.
func (c *client) close() error {
	if err := c.connection.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), ""); err != nil {
		return err
	}
	<-c.connection.Context().Done()
	return c.transport.Close()
}

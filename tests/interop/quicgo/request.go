package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// fields collects a repeatable option of the form "name: value".
type fields http.Header

func (f fields) String() string { return "" }
func (f fields) Set(text string) error {
	name, value, found := strings.Cut(text, ":")
	if !found {
		return fmt.Errorf("%q is not of the form name: value", text)
	}
	http.Header(f).Add(name, strings.TrimSpace(value))
	return nil
}

// request makes one connection, one request on it, and prints the response as one line of JSON.
func request(ctx context.Context, arguments []string) error {
	headers := fields{}
	flags := flag.NewFlagSet("request", flag.ExitOnError)
	target := flags.String("url", "", "what to ask for; a fragment pin=PIN is the server's key")
	method := flags.String("method", "GET", "the HTTP method")
	body := flags.String("body", "", "`file` with the request's content")
	descriptor := flags.Int("socket", -1, "inherited UDP socket to use")
	seed := flags.String("prove", "", "register the Ed25519 key of this `seed` (hex), with proof, instead of -body")
	session := flags.String("session", "", "session (hex) to register with")
	num := flags.Uint("num", 64, "size of the window to register")
	flags.Var(headers, "header", "`name: value`; may be repeated")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	parsed, err := url.Parse(*target)
	if err != nil {
		return err
	}
	var content []byte
	if *body != "" {
		if content, err = os.ReadFile(*body); err != nil {
			return err
		}
	}

	socket, err := openSocket(*descriptor)
	if err != nil {
		return err
	}
	defer socket.Close()
	client, err := connect(ctx, socket, parsed.Host, strings.TrimPrefix(parsed.Fragment, "pin="), nil)
	if err != nil {
		return err
	}
	if *seed != "" {
		if content, err = provenRegistration(client, *seed, *session, uint64(*num)); err != nil {
			return err
		}
	}
	answer, err := client.exchange(ctx, *method, *target, http.Header(headers), content)
	if err != nil {
		return err
	}
	if err := client.close(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(answer)
}

func provenRegistration(client *client, seed, session string, num uint64) ([]byte, error) {
	key, err := keyOf(seed)
	if err != nil {
		return nil, err
	}
	sessionBytes, err := hex.DecodeString(session)
	if err != nil {
		return nil, err
	}
	exporter, err := client.exporter("EXPORTER-quicket-register", 32)
	if err != nil {
		return nil, err
	}
	return registration(key, exporter, sessionBytes, num), nil
}

// Quicgo speaks HTTP/3, and QUIC between peers, by quic-go: a stack that shares no code with the one it is tested against.
//
//	quicgo request  one HTTP/3 request; the response as JSON
//	quicgo serve    an HTTP/3 server that echoes
//	quicgo dial     a peer that calls through a relay, as the first implementation of Quicket does
//	quicgo accept   the peer that answers it
package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// patience bounds a whole run: what works takes milliseconds.
const patience = 20 * time.Second

func main() {
	commands := map[string]func(context.Context, []string) error{
		"request": request,
		"serve":   serve,
		"dial":    dialPeer,
		"accept":  acceptPeer,
	}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: quicgo request|serve|dial|accept [OPTION]...; -help after a command tells more")
		os.Exit(64)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := commands[os.Args[1]](ctx, os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "quicgo:", err)
		os.Exit(1)
	}
}

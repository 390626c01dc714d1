package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/quic-go/quic-go"
)

// dialPeer prints its first datagram as one line of JSON, sends lines, and expects each of them back.
func dialPeer(ctx context.Context, arguments []string) error {
	flags := newPeerFlags("dial")
	hellos := flags.Int("hellos", 5, "how many lines to send")
	padding := flags.Int("padding", 0, "bytes to add to each line")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	self, err := newPeer(ctx, flags)
	if err != nil {
		return err
	}
	defer self.socket.Close()
	settings, err := self.settings()
	if err != nil {
		return err
	}
	socket := &dialerSocket{PacketConn: self.socket, carry: func(datagram []byte) {
		json.NewEncoder(os.Stdout).Encode(offer{Packet: datagram})
	}}
	transport := quic.Transport{Conn: socket, ConnectionIDGenerator: self.ids}
	defer transport.Close()
	connection, err := transport.Dial(ctx, self.relay, settings, quicSettings())
	if err != nil {
		return err
	}
	stream, err := connection.OpenStreamSync(ctx)
	if err != nil {
		return err
	}
	replies := bufio.NewReader(stream)
	for number := 1; number <= *hellos; number++ {
		line := fmt.Sprintf("hello %d%s\n", number, strings.Repeat(".", *padding))
		if _, err := io.WriteString(stream, line); err != nil {
			return err
		}
		reply, err := replies.ReadString('\n')
		if err != nil {
			return err
		}
		if reply != line {
			return errors.New("another line came back than was sent")
		}
	}
	if err := stream.Close(); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, replies); err != nil {
		return err
	}
	return connection.CloseWithError(0, "done")
}

// acceptPeer reads an offer from standard input, answers it, and sends back what comes, which it also prints.
func acceptPeer(ctx context.Context, arguments []string) error {
	flags := newPeerFlags("accept")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	var received offer
	if err := json.NewDecoder(os.Stdin).Decode(&received); err != nil {
		return err
	}
	self, err := newPeer(ctx, flags)
	if err != nil {
		return err
	}
	defer self.socket.Close()
	settings, err := self.settings()
	if err != nil {
		return err
	}
	socket := &accepterSocket{PacketConn: self.socket, relay: self.relay, carried: received.Packet}
	transport := quic.Transport{Conn: socket, ConnectionIDGenerator: self.ids}
	defer transport.Close()
	listener, err := transport.Listen(settings, quicSettings())
	if err != nil {
		return err
	}
	connection, err := listener.Accept(ctx)
	if err != nil {
		return err
	}
	stream, err := connection.AcceptStream(ctx)
	if err != nil {
		return err
	}
	if _, err := io.Copy(stream, io.TeeReader(stream, os.Stdout)); err != nil {
		return err
	}
	if err := stream.Close(); err != nil {
		return err
	}
	select {
	case <-connection.Context().Done(): // the dialer has read all, and closes
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/quic-go/quic-go"
)

// peer is one party of a connection through a relay: registered there, its HTTP/3 connection closed again.
type peer struct {
	socket   net.PacketConn
	relay    net.Addr
	ids      *schedule
	identity ed25519.PrivateKey
	trusted  ed25519.PublicKey
}

// offer is what travels outside: the dialer's first datagram.
type offer struct {
	Packet []byte `json:"packet"`
}

type peerFlags struct {
	*flag.FlagSet
	relay, identity, trusted string
}

func newPeerFlags(name string) *peerFlags {
	flags := &peerFlags{FlagSet: flag.NewFlagSet(name, flag.ExitOnError)}
	flags.StringVar(&flags.relay, "relay", "", "the relay's `URL`")
	flags.StringVar(&flags.identity, "identity", "", "`seed` (hex) of the own Ed25519 key")
	flags.StringVar(&flags.trusted, "trust", "", "`seed` (hex) of the other peer's key, of which the public half is used")
	return flags
}

func keyOf(seed string) (ed25519.PrivateKey, error) {
	decoded, err := hex.DecodeString(seed)
	if err != nil || len(decoded) != ed25519.SeedSize {
		return nil, fmt.Errorf("a seed has %d bytes in hex", ed25519.SeedSize)
	}
	return ed25519.NewKeyFromSeed(decoded), nil
}

// newPeer registers a fresh bearer key of 16 bytes the way the first implementation does: JSON without a content type, ten
// IDs wished, the answer's content ignored, the connection closed at once.
func newPeer(ctx context.Context, flags *peerFlags) (*peer, error) {
	identity, err := keyOf(flags.identity)
	if err != nil {
		return nil, err
	}
	trusted, err := keyOf(flags.trusted)
	if err != nil {
		return nil, err
	}
	relay, err := url.Parse(flags.relay)
	if err != nil {
		return nil, err
	}
	address, err := net.ResolveUDPAddr("udp4", relay.Host)
	if err != nil {
		return nil, err
	}
	key, forRelay := make([]byte, 16), make([]byte, 16)
	rand.Read(key)
	rand.Read(forRelay)
	body, err := json.Marshal(map[string]any{"key": key, "num": 10})
	if err != nil {
		return nil, err
	}

	socket, err := openSocket(-1)
	if err != nil {
		return nil, err
	}
	client, err := connect(ctx, socket, relay.Host, strings.TrimPrefix(relay.Fragment, "pin="),
		&schedule{key: forRelay, forRelay: true})
	if err != nil {
		return nil, err
	}
	answer, err := client.exchange(ctx, "POST", "https://"+relay.Host+"/v1/register", http.Header{}, append(body, '\n'))
	if err != nil {
		return nil, err
	}
	if answer.Status != http.StatusOK {
		return nil, fmt.Errorf("the relay answers %d: %s", answer.Status, answer.Body)
	}
	if err := client.close(); err != nil {
		return nil, err
	}
	return &peer{
		socket:   socket,
		relay:    address,
		ids:      &schedule{key: key},
		identity: identity,
		trusted:  trusted.Public().(ed25519.PublicKey),
	}, nil
}

// settings are for both roles: each side shows a certificate, and knows the other's key.
func (p *peer) settings() (*tls.Config, error) {
	certificate, err := selfSigned(p.identity)
	return &tls.Config{
		Certificates:          []tls.Certificate{certificate},
		ClientAuth:            tls.RequireAnyClientCert,
		InsecureSkipVerify:    true, // what is trusted is a key, not a certificate
		VerifyPeerCertificate: holds(p.trusted),
		NextProtos:            []string{"hello"},
		CurvePreferences:      []tls.CurveID{tls.X25519}, // the first flight is one datagram
	}, err
}

func quicSettings() *quic.Config {
	return &quic.Config{Versions: []quic.Version{quic.Version1}, DisablePathMTUDiscovery: true}
}

// dialerSocket hands over the first datagram that is sent instead of sending it.
type dialerSocket struct {
	net.PacketConn
	first sync.Once
	carry func([]byte)
}

func (s *dialerSocket) WriteTo(datagram []byte, to net.Addr) (int, error) {
	carried := false
	s.first.Do(func() {
		s.carry(bytes.Clone(datagram))
		carried = true
	})
	if carried {
		return len(datagram), nil
	}
	return s.PacketConn.WriteTo(datagram, to)
}

// accepterSocket receives a carried datagram first, as if it came from the relay.
type accepterSocket struct {
	net.PacketConn
	relay   net.Addr
	carried []byte
}

func (s *accepterSocket) ReadFrom(buffer []byte) (int, net.Addr, error) {
	if s.carried == nil {
		return s.PacketConn.ReadFrom(buffer)
	}
	size := copy(buffer, s.carried)
	s.carried = nil
	return size, s.relay, nil
}

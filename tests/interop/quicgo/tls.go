package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"math/big"
	"time"
)

// pinned accepts the certificate whose SubjectPublicKeyInfo has this pin (base64url of the first 16 bytes of SHA-256) and
// no other; any certificate when the pin is empty.
func pinned(pin string) func([][]byte, [][]*x509.Certificate) error {
	return func(chain [][]byte, _ [][]*x509.Certificate) error {
		if pin == "" {
			return nil
		}
		certificate, err := x509.ParseCertificate(chain[0])
		if err != nil {
			return err
		}
		digest := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
		if base64.RawURLEncoding.EncodeToString(digest[:16]) != pin {
			return errors.New("the server's key is not the pinned one")
		}
		return nil
	}
}

// holds accepts a certificate for this Ed25519 key and no other.
func holds(key ed25519.PublicKey) func([][]byte, [][]*x509.Certificate) error {
	return func(chain [][]byte, _ [][]*x509.Certificate) error {
		certificate, err := x509.ParseCertificate(chain[0])
		if err != nil {
			return err
		}
		found, ok := certificate.PublicKey.(ed25519.PublicKey)
		if !ok || !bytes.Equal(found, key) {
			return errors.New("the peer's key is not the expected one")
		}
		return nil
	}
}

// selfSigned makes a certificate for the key.
func selfSigned(key ed25519.PrivateKey) (tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		DNSNames:     []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

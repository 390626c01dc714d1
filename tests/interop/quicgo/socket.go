package main

import (
	"net"
	"os"
)

// openSocket takes over the inherited UDP socket with this descriptor; any new one on loopback when it is negative.
func openSocket(descriptor int) (net.PacketConn, error) {
	if descriptor < 0 {
		return net.ListenPacket("udp4", "127.0.0.1:0")
	}
	file := os.NewFile(uintptr(descriptor), "socket")
	defer file.Close() // FilePacketConn holds a duplicate
	return net.FilePacketConn(file)
}

//go:build !windows

package webapi

import "net"

// listen is net.Listen: a port that has a listener is not shared here.
func listen(network, address string) (net.Listener, error) { return net.Listen(network, address) }

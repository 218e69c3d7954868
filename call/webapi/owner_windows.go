package webapi

import (
	"fmt"
	"net/netip"

	"nxphone/call/owner"
)

// processOwner asks which process has the other end, and whose it is.
type processOwner struct{}

// systemOwner is the PeerOwner of this operating system.
func systemOwner() (PeerOwner, error) { return processOwner{}, nil }

// Check implements PeerOwner.
func (processOwner) Check(local, peer netip.AddrPort) error {
	if err := owner.Peer(peer, local); err != nil {
		return fmt.Errorf("webapi: the other end of a connection: %w", err)
	}
	return nil
}

//go:build !linux && !windows

package webapi

import "errors"

// systemOwner says that this system has no PeerOwner yet: without one, any
// user of the machine could drive the phone, so nothing is served.
func systemOwner() (PeerOwner, error) {
	return nil, errors.New("webapi: on this operating system the owner of a connection cannot be told yet; the web API stays off")
}

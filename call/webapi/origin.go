package webapi

import (
	"fmt"

	"nxphone/call/webapi/origin"
)

// maxOrigin bounds what is repeated of an Origin header in a log.
const maxOrigin = 300

// ParseOrigin reads an origin exactly as a browser writes it in the Origin
// header; see [origin.Parse], which settings use too. What it accepts is
// compared as a string.
func ParseOrigin(s string) (string, error) {
	o, err := origin.Parse(s)
	if err != nil {
		return "", fmt.Errorf("webapi: %w", err)
	}
	return o, nil
}

// Plain reports whether an origin is that of a page on plain http. Whoever sits
// on the network between can change such a page, so its proof says less.
func Plain(o string) bool { return origin.Plain(o) }

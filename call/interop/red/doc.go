// Package red holds the test of redundant audio data (RFC 2198) between the
// phone's media and a real Chromium, over a line that loses packets in both
// directions. It has no code of its own: Debian's chromium must be there.
package red

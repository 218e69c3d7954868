// Package demosbc is a small session border controller inside the process, on
// loopback: SIP over WebSocket (RFC 7118) on one side, numbers that echo,
// talk, refuse, ring, hang up and hold on the other. A newcomer calls it with
// --demo, and most tests call it too.
package demosbc

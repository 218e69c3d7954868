// Package codec turns 48 kHz mono sound into packets and packets into sound:
// Opus (RFC 6716, RFC 7587), and G.711 A-law and mu-law (RFC 3551).
package codec

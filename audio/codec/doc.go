// Package codec turns 48 kHz mono sound into packets and packets into sound:
// Opus (RFC 6716, RFC 7587), and G.711 A-law and mu-law (RFC 3551).
//
// # Usage
//
//	enc, err := codec.NewEncoder(codec.Opus, codec.Options{})
//	defer enc.Close()
//	n, err := enc.Encode(pcm[:codec.PacketLen], packet[:]) // 20 ms
//
//	dec, err := codec.NewDecoder(codec.PCMA)
//	defer dec.Close()
//	n, err = dec.Decode(payload, pcm[:]) // as long as the packet is
//	err = dec.Conceal(pcm[:480])         // nothing came
//
// Sound is 48 kHz on the outside whatever the codec; G.711 resamples inside,
// with a filter that lets nothing alias (audio.Resampler). Encoders make packets
// of 20, 40 or 60 ms; decoders take every length that the wire may bring, Opus
// from 2.5 to 120 ms, G.711 up to 120 ms.
//
// # Concurrency and ownership
//
// An encoder or decoder is for one goroutine at a time. Nothing allocates per
// packet. Opus lives in memory of the C library, which Close frees and nothing
// else does: there are no finalizers, so that when memory goes is decided by its
// owner and not by the garbage collector, in the middle of a packet. Whoever
// makes one closes it.
//
// # Building
//
// The package needs cgo and libopus (pkg-config name: opus). Packages that
// only pull sound, such as audio/jitter, name the few methods they need and so
// build without it.
//
// # Testing
//
// G.711 is compared with the tables of the recommendation and, sample for
// sample, with sox. What libopus does is measured: bit rate, redundancy,
// pauses, the error that a lost packet leaves.
//
// # Models
//
// hraban/opus (a thin wrapper in which nothing allocates) and NetEQ's
// AudioDecoder (duration without decoding, redundancy and concealment as
// methods of the decoder). Different here: redundancy is looked for before it
// is asked for, so that a caller knows whether a packet was recovered or
// guessed; a pause announces itself with its first packet; G.711 conceals by
// pitch as ITU-T G.711 Appendix I does, but without adding its delay.
package codec

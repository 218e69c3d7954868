// Package stream keeps the books of one voice stream in each direction: the
// numbering of what is sent, the loss and jitter of what is received, the RTCP
// that both sides tell each other, the packets of a DTMF digit, redundant copies
// (RED), and what follows from the far end's reports for the encoder. It is
// arithmetic without a network, a goroutine or a clock: times are parameters.
//
// No type here guards itself; the owner calls each from one goroutine at a
// time. Nothing on the way of a packet allocates.
//
// What was read: RFC 3550 with its appendix A, RFC 4733, RFC 2198, libwebrtc's
// audio network adaptor (see package peer), and pion/interceptor's
// report and stats packages. Those bind to SSRCs that were declared in advance
// and split sending, receiving and round trip over three interceptors; a phone
// has one stream each way that goes on while the network under it, the codec
// or the far end's SSRC changes, so the books are kept by stream here and the
// totals survive all three.
package stream

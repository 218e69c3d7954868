// Package transport carries RTP and RTCP to one peer over ICE and DTLS-SRTP
// (RFC 8445, RFC 5764), on one component with RTCP on the same port.
//
// # Usage
//
// [Open] starts to gather; [Transport.Params] gives what our SDP has to say
// once [Transport.Gathered] is closed or patience is over; [Transport.Start]
// gives the peer's side of it. From Secure on, SendRTP and SendRTCP work, and
// what arrives goes to the Handler.
//
// A Transport lives through exactly one offer and answer. When either side
// changes its ICE credentials or certificate, the owner opens a second
// Transport and closes this one as soon as the new one is Secure.
//
// # Concurrency
//
// Methods may be called from any goroutine. The Handler's methods are called
// from the transport's own goroutines, packets one at a time, and must not
// block. Close waits for all of them, so it must not be called from a Handler.
//
// # Why not a PeerConnection
//
// pion/webrtc's PeerConnection was measured first and is built on the same
// three libraries as this package (pion/ice, pion/dtls, pion/srtp). Around them
// it puts the browser's API: it binds incoming streams to transceivers by mid
// and SSRC, and therefore drops the sound of a peer whose answer has no mid, no
// ssrc, or whose SSRC changes when music on hold begins; it refuses whole
// descriptions for one bad candidate; it cannot express hold; and it keeps
// several goroutines and buffers for each stream. A phone has one stream each
// way. Whatever decrypts here is that stream, so none of these cases exists,
// and a packet takes one goroutine from the socket to the playout buffer.
// libwebrtc's DtlsTransport is the model for two details: a ClientHello that
// comes before ICE has settled is kept, and a peer that does not say who begins
// the handshake is listened to before we begin ourselves.
package transport

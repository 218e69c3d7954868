// Package interop runs the phone against real peers: Kamailio as the SBC (SIP
// over ws and wss), rtpengine as its media relay (DTLS-SRTP to plain RTP), and
// sipp and baresip as a PBX. All are Debian packages, started by the test on
// free loopback ports and ended with it. It is test code: nothing that is
// shipped imports it.
//
// # Usage
//
//	lab := interop.Start(t, interop.Config{})   // about half a second
//	// dial interop.NumberAnswer in lab.Realm at lab.URL("wss"), trusting lab.CA
//	call, err := lab.Trace.Wait(ctx, "1001", interop.NumberAnswer, "the ACK", func(m interop.Message) bool { ... })
//	rec, err := lab.Relay.Recording(ctx, call[0].CallID())
//	report := interop.MicSignal().Check(interop.DecodeG711(lab.FromPhone(rec)), 8000)
//
// A program that is no test uses [Run] and [Lab.Close]. The numbers of the PBX
// and what each does are the constants Number...
//
// What can be asserted, from the least to the most direct: the phone's own
// events and recording; [Trace], every SIP message as the SBC saw it inside
// TLS; [Recording], every RTP packet with its time as the relay saw it after
// decryption; [Baresip], what a phone of another make heard and which digits
// it recognised; and [Kamailio.Dialogs], whether the call is over there too.
//
// A [Desktop] is a screen and a sound server for the phone's windows; a [Room] is
// the air between its loudspeaker and its microphone.
//
// # Concurrency
//
// A lab may be shared by parallel tests; only calls to baresip need turns
// ([Baresip.Reserve]). Labs do not disturb each other, in one process or in
// several: each reserves a block of ports for as long as it lives. Every
// program is in a process group of its own and ends with the test binary,
// however that ends.
//
// # Testing
//
// The lab is tested with a raw SIP client of a few lines (probe_test.go), so
// that a fault of the lab is not taken for one of the phone.
//
// # Models
//
// Tailscale's tstest/integration (a control server and nodes as real
// processes, each with its log kept on failure), baresip's own test suite (two
// ends of a call checked from both sides), and the Kamailio project's
// kamailio-tests (one configuration for a question). Different here: nothing
// waits by sleeping, a port clash is another try and not a failure, and the
// sound itself is measured on each side.
package interop

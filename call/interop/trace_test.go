package interop

import "testing"

func TestParseDump(t *testing.T) {
	const dump = `====================
tag: rcv
pid: 7
process: 10
time: 1795570480.658417
date: Wed Nov 25 01:34:40 2026
proto: wss ipv4
srcip: 127.0.0.1
srcport: 36368
dstip: 127.0.0.1
dstport: 24584
~~~~~~~~~~~~~~~~~~~~
INVITE sip:1@x SIP/2.0` + "\r\ncall-id : abc\r\nCSeq: 7 INVITE\r\n\r\nv=0\r\na=recvonly\r\n||||||||||||||||||||\n" + `====================
tag: snd
time: 1795570480.700000
proto: udp ipv4
~~~~~~~~~~~~~~~~~~~~
SIP/2.0 486 Busy` + "\r\nCSeq: 7 INVITE\r\n\r\n||||||||||||||||||||\n" + "====================\ntag: rcv\n~~~~~~~~~~~~~~~~~~~~\nhalf a mess"
	msgs, err := parseDump(dump)
	if err != nil || len(msgs) != 2 {
		t.Fatalf("%d messages, %v", len(msgs), err)
	}
	in, out := msgs[0], msgs[1]
	if !in.Received || !in.WebSocket() || in.Method() != "INVITE" || in.Status() != 0 || in.CallID() != "abc" ||
		in.Direction() != "recvonly" || in.Src != "127.0.0.1:36368" || in.At.UnixMicro() != 1795570480658417 {
		t.Errorf("%+v", in)
	}
	if n, method := in.CSeq(); n != 7 || method != "INVITE" {
		t.Errorf("CSeq %d %s", n, method)
	}
	if out.Received || out.WebSocket() || out.Status() != 486 || out.Method() != "" || out.Direction() != "" {
		t.Errorf("%+v", out)
	}
	if _, err := parseDump("====================\ntime: soon\n~~~~~~~~~~~~~~~~~~~~\nx||||||||||||||||||||"); err == nil {
		t.Error("a dump without a time is no error")
	}
}

package demosbc

import (
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
)

// parseText parses a message as a flow does.
func parseText(t testing.TB, text string) sip.Message {
	t.Helper()
	f := &flow{parser: newParser(), transport: "WS", remote: "127.0.0.1:4000"}
	msg, err := f.parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

func TestDialogRequests(t *testing.T) {
	l := &leg{number: "600", callID: "c1", from: "theirs",
		headers: "Record-Route: <sip:127.0.2.1;lr>, <sip:127.0.2.2;lr>\r\nRecord-Route: <sip:127.0.2.3;lr>\r\n"}
	invite := parseText(t, l.text("INVITE", 5, "z9hG4bK1", "", "")).(*sip.Request)
	d := newDialog(invite, "WSS", "127.0.0.1:5061")

	ok := d.respond(invite, 200, "OK", "v=0\r\n")
	if n := len(ok.GetHeaders("Record-Route")); n != 3 {
		t.Errorf("%d Record-Route in the 200, want 3", n)
	}
	if tagOf(ok.To().Params) != d.localTag || tagOf(ok.From().Params) != "theirs" {
		t.Errorf("tags of the 200: %s, %s", ok.To(), ok.From())
	}
	if trying := d.respond(invite, 100, "Trying", ""); tagOf(trying.To().Params) != "" {
		t.Errorf("the 100 has a tag: %s", trying.To())
	}

	first, second := d.request(sip.INVITE, "v=0\r\n"), d.request(sip.BYE, "")
	for _, want := range []string{
		"INVITE sip:1001@abc.invalid;transport=ws;ob SIP/2.0\r\n",
		"Via: SIP/2.0/WSS 127.0.0.1:5061;branch=z9hG4bK",
		"Route: <sip:127.0.2.1;lr>\r\nRoute: <sip:127.0.2.2;lr>\r\nRoute: <sip:127.0.2.3;lr>\r\n",
		"From: <sip:600@demo.invalid>;tag=" + d.localTag, "To: <sip:1001@demo.invalid>;tag=theirs",
		"Call-ID: c1\r\n", "CSeq: 1 INVITE\r\n", "Contact: <sip:600@127.0.0.1:5061;transport=ws>\r\n",
		"Content-Type: application/sdp\r\n", "\r\n\r\nv=0\r\n",
	} {
		if !strings.Contains(first.String(), want) {
			t.Errorf("no %q in\n%s", want, first)
		}
	}
	if second.CSeq().SeqNo != 2 || branchOf(second) == branchOf(first) {
		t.Errorf("the second request is\n%s", second)
	}
	if ack := d.ack(1); ack.CSeq().SeqNo != 1 || branchOf(ack) == branchOf(first) || d.localSeq != 2 {
		t.Errorf("the ACK is\n%s", ack)
	}

	refusal := sip.NewResponseFromRequest(first, 488, "No", nil)
	ack := ackRefusal(first, refusal)
	if branchOf(ack) != branchOf(first) || ack.CSeq().SeqNo != 1 || ack.Method != sip.ACK ||
		len(ack.GetHeaders("Route")) != 3 || tagOf(ack.To().Params) != "theirs" {
		t.Errorf("the ACK of the refusal is\n%s", ack)
	}
}

func TestTargetRefresh(t *testing.T) {
	d := newDialog(phoneRequest(t, "INVITE", 1, "z9hG4bK1", "", ""), "WS", "127.0.0.1:5061")
	again := phoneRequest(t, "INVITE", 2, "z9hG4bK2", d.localTag, "")
	again.RemoveHeader("Contact")
	d.refresh(again) // nothing to take
	again.AppendHeader(&sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: "x", Host: "new.invalid"}})
	d.refresh(again)
	if got := d.request(sip.BYE, "").Recipient.String(); got != "sip:x@new.invalid" {
		t.Errorf("the BYE is for %s", got)
	}
	for _, c := range []struct {
		method string
		seq    int
		ok     bool
	}{{"INVITE", 2, true}, {"INFO", 2, false}, {"INFO", 9, true}, {"ACK", 2, true}, {"CANCEL", 1, true}, {"BYE", 3, false}} {
		if got := d.inOrder(phoneRequest(t, c.method, c.seq, "z9hG4bKx", d.localTag, "")); got != c.ok {
			t.Errorf("%s %d in order: %v", c.method, c.seq, got)
		}
	}
}

func TestSDPOf(t *testing.T) {
	l := &leg{number: "600", callID: "c1", from: "f"}
	for kind, want := range map[string]string{
		"application/sdp":               "body",
		"Application/SDP; charset=utf8": "body",
		"multipart/mixed":               "",
		"application/dtmf-relay":        "",
	} {
		msg := parseText(t, l.text("INFO", 1, "z9hG4bK1", "Content-Type: "+kind+"\r\n", "body"))
		if got := sdpOf(msg); got != want {
			t.Errorf("%s: %q", kind, got)
		}
	}
}

func TestNumberOf(t *testing.T) {
	for uri, want := range map[string]string{
		"sip:600@demo.invalid":             "600",
		"sips:600@demo.invalid;user=phone": "600",
		"sip:600;phone-context=x@demo":     "600",
		"tel:600;phone-context=example":    "600",
		"sip:demo.invalid":                 "",
	} {
		text := (&leg{number: "1", callID: "c", from: "f"}).text("OPTIONS", 1, "z9hG4bK1", "", "")
		msg := parseText(t, strings.Replace(text, "sip:1@demo.invalid", uri, 1))
		if got := numberOf(msg.(*sip.Request)); got != want {
			t.Errorf("%s: %q, want %q", uri, got, want)
		}
	}
}

// FuzzMessage makes sure that nothing from the network panics on its way to
// an answer.
func FuzzMessage(f *testing.F) {
	l := &leg{number: "600", callID: "c1", from: "f", headers: "Record-Route: <sip:127.0.2.1;lr>\r\n"}
	f.Add([]byte(l.text("INVITE", 5, "z9hG4bK1", "", plainOffer())))
	f.Add([]byte(l.text("INFO", 5, "z9hG4bK1", "Content-Type: application/dtmf-relay\r\n", "Signal=5\r\n")))
	f.Add([]byte("SIP/2.0 200 OK\r\nv: SIP/2.0/WS x\r\nf: <sip:a@b>\r\nt: *\r\ni: 1\r\nCSeq: 1 BYE\r\nm: *\r\n\r\n"))
	fl := &flow{parser: newParser(), transport: "WS", remote: "127.0.0.1:4000"}
	g := &guard{auth: Auth{User: "u", Password: "p", Realm: "r", Algorithm: "MD5"}}
	s := &Server{}
	f.Fuzz(func(t *testing.T, data []byte) {
		msg, err := fl.parse(data)
		if err != nil {
			return
		}
		_, _, _ = branchOf(msg), sdpOf(msg), tagOf(msg.To().Params)
		req, ok := msg.(*sip.Request)
		if !ok {
			return
		}
		_ = respond(req, 200, "OK", "").String()
		_ = g.challenge(req, fixedTime())
		_, _ = infoDigit(string(req.Body()))
		_ = planFor(numberOf(req), 0, 0)
		if contact := req.Contact(); contact == nil || contact.Address.Wildcard {
			return
		}
		d := newDialog(req, "WS", "127.0.0.1:1")
		_ = s.belongs(&call{dlg: d, invite: req}, req, tagOf(req.To().Params))
		d.refresh(req)
		invite := d.request(sip.INVITE, "v=0\r\n")
		_ = ackRefusal(invite, sip.NewResponseFromRequest(invite, 488, "No", nil)).String()
	})
}

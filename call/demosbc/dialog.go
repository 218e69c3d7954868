package demosbc

import (
	"net"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

const (
	serverName = "nxphone-demo-sbc"
	// allowedMethods is our Allow header (RFC 3261 section 20.5).
	allowedMethods = "INVITE, ACK, CANCEL, BYE, UPDATE, OPTIONS, INFO, NOTIFY, REGISTER"
	sdpType        = "application/sdp"
)

// dialog is the state that RFC 3261 section 12 names, on the called side. It
// is pure data: one goroutine owns it, and it sends nothing by itself.
type dialog struct {
	callID    string
	localTag  string
	remoteTag string
	// local is the To of the INVITE, remote its From.
	local  sip.ToHeader
	remote sip.FromHeader
	// target is the phone's Contact, routes the Record-Route of the INVITE in
	// its order (section 12.1.1). They are only text in our requests: every
	// request goes down the flow.
	target sip.Uri
	routes []sip.Uri
	// self is our Contact; its address and transport are our Via's too.
	self      sip.Uri
	transport string

	localSeq  uint32
	remoteSeq uint32
}

// newDialog begins a dialog for an INVITE with a Contact, which came on this
// transport to this address.
func newDialog(invite *sip.Request, transport, sentBy string) *dialog {
	remoteTag, _ := invite.From().Params.Get("tag")
	d := &dialog{
		callID:    invite.CallID().Value(),
		localTag:  sip.GenerateTagN(16),
		remoteTag: remoteTag,
		local:     *invite.To(),
		remote:    *invite.From(),
		target:    *invite.Contact().Address.Clone(),
		transport: transport,
		self:      contactURI(invite.Recipient.User, sentBy),
		remoteSeq: invite.CSeq().SeqNo,
	}
	for _, h := range invite.GetHeaders("Record-Route") {
		if rr, ok := h.(*sip.RecordRouteHeader); ok {
			d.routes = append(d.routes, *rr.Address.Clone())
		}
	}
	return d
}

// contactURI is where the phone would reach us, if it did not already hold
// the flow. transport=ws is right for wss too (RFC 7118 section 5.5).
func contactURI(user, hostport string) sip.Uri {
	uri := sip.Uri{Scheme: "sip", User: user, Host: hostport, UriParams: sip.NewParams()}
	if host, port, err := net.SplitHostPort(hostport); err == nil {
		uri.Host = host
		uri.Port, _ = strconv.Atoi(port)
	}
	uri.UriParams.Add("transport", "ws")
	return uri
}

// request makes the next request of ours inside the dialog (section 12.2.1.1).
// An ACK takes the number of the INVITE, so it is made by ack instead.
func (d *dialog) request(method sip.RequestMethod, body string) *sip.Request {
	d.localSeq++
	return d.requestNumbered(method, d.localSeq, body)
}

// ack acknowledges a 2xx to our INVITE with this number (section 13.2.2.4).
func (d *dialog) ack(seq uint32) *sip.Request {
	return d.requestNumbered(sip.ACK, seq, "")
}

func (d *dialog) requestNumbered(method sip.RequestMethod, seq uint32, body string) *sip.Request {
	req := sip.NewRequest(method, *d.target.Clone())
	via := &sip.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: d.transport,
		Host: d.self.Host, Port: d.self.Port, Params: sip.NewParams(),
	}
	via.Params.Add("branch", sip.GenerateBranch())
	req.AppendHeader(via)
	for i := range d.routes {
		req.AppendHeader(&sip.RouteHeader{Address: d.routes[i]})
	}
	hops := sip.MaxForwardsHeader(70)
	req.AppendHeader(&hops)

	from := d.local.AsFrom()
	from.Params = from.Params.Clone()
	from.Params.Remove("tag")
	from.Params.Add("tag", d.localTag)
	req.AppendHeader(&from)
	to := d.remote.AsTo()
	req.AppendHeader(&to)
	callID := sip.CallIDHeader(d.callID)
	req.AppendHeader(&callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
	if method != sip.BYE {
		req.AppendHeader(&sip.ContactHeader{Address: d.self, Params: sip.NewParams()})
	}
	req.AppendHeader(sip.NewHeader("Allow", allowedMethods))
	req.AppendHeader(sip.NewHeader("User-Agent", serverName))
	setSDP(req, body)
	return req
}

// ackRefusal acknowledges a 300 to 699 to our INVITE: the same branch, Request-URI
// and Route, the To of the response (section 17.1.1.3).
func ackRefusal(invite *sip.Request, res *sip.Response) *sip.Request {
	ack := sip.NewRequest(sip.ACK, *invite.Recipient.Clone())
	for _, name := range []string{"Via", "Route", "Max-Forwards", "From"} {
		sip.CopyHeaders(name, invite, ack)
	}
	sip.CopyHeaders("To", res, ack)
	sip.CopyHeaders("Call-ID", invite, ack)
	ack.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sip.ACK})
	ack.SetBody(nil)
	return ack
}

// respond makes a response to a request of the phone inside the dialog. All
// but a 100 carry our tag; body is SDP or empty.
func (d *dialog) respond(req *sip.Request, code int, reason, body string) *sip.Response {
	res := respond(req, code, reason, d.localTag)
	if code > 100 && code < 300 && (req.Method == sip.INVITE || req.Method == sip.UPDATE) {
		res.AppendHeader(&sip.ContactHeader{Address: d.self, Params: sip.NewParams()})
	}
	setSDP(res, body)
	return res
}

// refresh takes over the phone's Contact from a re-INVITE or UPDATE (target
// refresh, section 12.2.2).
func (d *dialog) refresh(req *sip.Request) {
	if contact := req.Contact(); contact != nil {
		d.target = *contact.Address.Clone()
	}
}

// inOrder reports whether the request's number may follow what came before,
// and remembers it (section 12.2.2). ACK and CANCEL repeat a number.
func (d *dialog) inOrder(req *sip.Request) bool {
	seq := req.CSeq().SeqNo
	if req.Method == sip.ACK || req.Method == sip.CANCEL {
		return true
	}
	if seq <= d.remoteSeq {
		return false
	}
	d.remoteSeq = seq
	return true
}

// respond makes a response to any request (section 8.2.6). tag is given to a
// To that has none; empty means a fresh one. A 100 gets no tag.
func respond(req *sip.Request, code int, reason, tag string) *sip.Response {
	if tag == "" {
		tag = sip.GenerateTagN(16)
	}
	res := sip.NewResponseFromRequest(req, code, reason, nil)
	if to := res.To(); to != nil && code > 100 && !req.To().Params.Has("tag") {
		to.Params.Remove("tag")
		to.Params.Add("tag", tag)
	}
	res.AppendHeader(sip.NewHeader("Allow", allowedMethods))
	res.AppendHeader(sip.NewHeader("Server", serverName))
	return res
}

// setSDP gives a message its body; empty means none.
func setSDP(msg sip.Message, sdp string) {
	if sdp == "" {
		msg.SetBody(nil)
		return
	}
	msg.AppendHeader(sip.NewHeader("Content-Type", sdpType))
	msg.SetBody([]byte(sdp))
}

// sdpOf is the SDP in a message; empty when it carries none or something else.
func sdpOf(msg sip.Message) string {
	kind := ""
	for _, h := range msg.GetHeaders("Content-Type") {
		kind = h.Value()
	}
	kind, _, _ = strings.Cut(kind, ";")
	if !strings.EqualFold(strings.TrimSpace(kind), sdpType) {
		return ""
	}
	return string(msg.Body())
}

// branchOf is the transaction's identifier, from the topmost Via.
func branchOf(msg sip.Message) string {
	branch, _ := msg.Via().Params.Get("branch")
	return branch
}

// tagOf is the tag of a From or To.
func tagOf(params sip.HeaderParams) string {
	tag, _ := params.Get("tag")
	return tag
}

package transport

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"nxphone/call/peer/sdp"
)

const (
	// listenFirst is how long a peer that did not say who begins the
	// handshake is given to begin it.
	listenFirst = 400 * time.Millisecond
	// flight is the first retransmission of a handshake flight. The library's
	// 1 s (RFC 6347 section 4.2.4.1) is for an unknown path; ICE has just
	// measured this one.
	flight = 200 * time.Millisecond
	// replayWindow is the least that RFC 3711 section 3.3.2 asks for.
	replayWindow = 64
	mtu          = 1500
	// heldPackets are kept while the handshake is still under way: a peer that
	// finishes first sends at once, and its first word should not be lost.
	heldPackets = 16
	// maxStreams bounds the SSRCs that a peer may use in one call, of RTP and of
	// RTCP: a transfer or music on hold brings one, and for each of them the
	// SRTP context keeps its state to the end.
	maxStreams = 1024
)

// keys are the SRTP contexts of both directions. Contexts are for one
// goroutine each: out is guarded, in belongs to the reading goroutine.
type keys struct {
	mu   sync.Mutex
	out  *srtp.Context
	buf  [mtu]byte
	head rtp.Header

	ready chan struct{} // closed when in is set
	in    *srtp.Context
	// streams and reports count the SSRCs that in knows of RTP and RTCP; they
	// belong to the reading goroutine.
	streams, reports int
}

// admit reports whether a packet of this SSRC may be decrypted: one that is
// known, or there is room for another.
func admit(ssrc uint32, known func(uint32) (uint32, bool), count int) (fresh, ok bool) {
	_, old := known(ssrc)
	return !old, old || count < maxStreams
}

// secure waits for a path, shakes hands and turns on SRTP.
func (t *Transport) secure(fps []sdp.Fingerprint, role sdp.Setup) {
	if err := t.agent.AwaitConnect(t.ctx); err != nil {
		return // closed, or ICE has failed and told so
	}
	role = t.decide(role)
	t.role.Store(int32(role))
	conn, client, err := t.handshake(fps, role)
	if err != nil {
		t.tell(Failed, fmt.Errorf("transport: DTLS: %w", err))
		return
	}
	if !t.demux.established(conn) {
		_ = conn.Close()
		return
	}
	if err := t.install(conn, client); err != nil {
		t.tell(Failed, err)
		_ = conn.Close()
		return
	}
	t.opened.Store(true)
	t.tell(Secure, nil)
	// Nothing but alerts is expected; reading keeps the connection's final
	// flight answered until either side closes it.
	buf := make([]byte, 256)
	for {
		if _, err := conn.Read(buf); err != nil {
			t.log.Debug("DTLS has ended", "error", err)
			_ = conn.Close()
			return
		}
	}
}

// decide is our part when the peer left it open.
func (t *Transport) decide(role sdp.Setup) sdp.Setup {
	if role != sdp.Undecided {
		return role
	}
	timer := time.NewTimer(listenFirst)
	defer timer.Stop()
	select {
	case <-t.demux.hello:
		return sdp.Passive
	case <-t.ctx.Done():
		return sdp.Passive
	case <-timer.C:
		return sdp.Active
	}
}

func (t *Transport) handshake(fps []sdp.Fingerprint, role sdp.Setup) (conn *dtls.Conn, client bool, err error) {
	shared := []dtls.Option{
		dtls.WithCertificates(t.cfg.Certificate.tls),
		dtls.WithSRTPProtectionProfiles(
			dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80, dtls.SRTP_AEAD_AES_256_GCM),
		dtls.WithExtendedMasterSecret(dtls.RequestExtendedMasterSecret),
		// Self-signed by design; the fingerprint is what is verified.
		dtls.WithInsecureSkipVerify(true),
		dtls.WithVerifyPeerCertificate(verify(fps)),
		dtls.WithFlightInterval(flight),
		dtls.WithLoggerFactory(logFactory{t.log}),
	}
	client = role == sdp.Active
	if client {
		var opts []dtls.ClientOption
		for _, o := range shared {
			opts = append(opts, o)
		}
		conn, err = dtls.ClientWithOptions(t.demux, t.demux.conn.RemoteAddr(), opts...)
	} else {
		opts := []dtls.ServerOption{
			dtls.WithClientAuth(dtls.RequireAnyClientCert),
			// The cookie exchange keeps strangers from making us work; ICE has
			// authenticated this peer, so the round trip is saved.
			dtls.WithInsecureSkipVerifyHello(true),
		}
		for _, o := range shared {
			opts = append(opts, o)
		}
		conn, err = dtls.ServerWithOptions(t.demux, t.demux.conn.RemoteAddr(), opts...)
	}
	if err != nil {
		return nil, client, err
	}
	if err := conn.HandshakeContext(t.ctx); err != nil {
		_ = conn.Close()
		return nil, client, err
	}
	return conn, client, nil
}

// install derives the SRTP keys (RFC 5764 section 4.2).
func (t *Transport) install(conn *dtls.Conn, client bool) error {
	selected, ok := conn.SelectedSRTPProtectionProfile()
	if !ok {
		return errors.New("transport: the peer agreed to no SRTP profile")
	}
	cfg := srtp.Config{Profile: srtp.ProtectionProfile(selected)}
	state, ok := conn.ConnectionState()
	if !ok {
		return errors.New("transport: DTLS has no keys to give")
	}
	if err := cfg.ExtractSessionKeysFromDTLS(&state, client); err != nil {
		return fmt.Errorf("transport: SRTP keys: %w", err)
	}
	k := cfg.Keys
	in, err := srtp.CreateContext(k.RemoteMasterKey, k.RemoteMasterSalt, cfg.Profile,
		srtp.SRTPReplayProtection(replayWindow), srtp.SRTCPReplayProtection(replayWindow))
	if err != nil {
		return fmt.Errorf("transport: SRTP: %w", err)
	}
	out, err := srtp.CreateContext(k.LocalMasterKey, k.LocalMasterSalt, cfg.Profile)
	if err != nil {
		return fmt.Errorf("transport: SRTP: %w", err)
	}
	t.keys.mu.Lock()
	t.keys.out = out
	t.keys.mu.Unlock()
	t.keys.in = in
	close(t.keys.ready)
	return nil
}

// read is the one goroutine between the socket and the Handler.
func (t *Transport) read(conn *ice.Conn) {
	buf := make([]byte, 8192)
	var held [][]byte
	var head rtp.Header
	secured := false
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		now, p := time.Now(), buf[:n]
		switch {
		case isDTLS(p):
			t.demux.handshake(p)
			continue
		case !isMedia(p):
			continue
		}
		if !secured {
			select {
			case <-t.keys.ready:
				secured = true
			default:
				if len(held) < heldPackets {
					held = append(held, append([]byte(nil), p...))
				}
				continue
			}
			for _, old := range held {
				t.media(&head, old, now)
			}
			held = nil
		}
		t.media(&head, p, now)
	}
}

// media decrypts one packet in place. What does not verify is dropped: it is
// not from the peer, or it is a repetition.
func (t *Transport) media(head *rtp.Header, p []byte, now time.Time) {
	if isRTCP(p) {
		t.control(p, now)
		return
	}
	if len(p) < 12 {
		return
	}
	k := &t.keys
	fresh, ok := admit(binary.BigEndian.Uint32(p[8:]), k.in.ROC, k.streams)
	if !ok {
		return
	}
	*head = rtp.Header{}
	plain, err := k.in.DecryptRTP(p[:0], p, head)
	if err != nil {
		return
	}
	if fresh {
		k.streams++
	}
	n, err := head.Unmarshal(plain)
	if err != nil {
		return
	}
	payload := plain[n:]
	if head.Padding {
		pad := 0
		if len(payload) > 0 {
			pad = int(payload[len(payload)-1])
		}
		if pad == 0 || pad > len(payload) {
			return
		}
		payload = payload[:len(payload)-pad]
	}
	t.cfg.Handler.RTP(head, payload, now)
}

// control is media for RTCP.
func (t *Transport) control(p []byte, now time.Time) {
	if len(p) < 8 {
		return
	}
	k := &t.keys
	fresh, ok := admit(binary.BigEndian.Uint32(p[4:]), k.in.Index, k.reports)
	if !ok {
		return
	}
	plain, err := k.in.DecryptRTCP(p[:0], p, &rtcp.Header{})
	if err != nil {
		return
	}
	if fresh {
		k.reports++
	}
	t.cfg.Handler.RTCP(plain, now)
}

// SendRTP encrypts and sends one packet. Before Secure it does nothing and
// says false. It does not allocate.
func (t *Transport) SendRTP(h *rtp.Header, payload []byte) bool {
	k := &t.keys
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.out == nil {
		return false
	}
	n, err := h.MarshalTo(k.buf[:])
	if err != nil || n+len(payload)+64 > mtu {
		return false
	}
	n += copy(k.buf[n:], payload)
	k.head = rtp.Header{}
	cipher, err := k.out.EncryptRTP(k.buf[:0], k.buf[:n], &k.head)
	if err != nil {
		return false
	}
	_, err = t.demux.conn.Write(cipher)
	return err == nil
}

// SendRTCP encrypts and sends one compound packet, if Secure.
func (t *Transport) SendRTCP(packet []byte) bool {
	k := &t.keys
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.out == nil {
		return false
	}
	cipher, err := k.out.EncryptRTCP(nil, packet, nil)
	if err != nil {
		return false
	}
	_, err = t.demux.conn.Write(cipher)
	return err == nil
}

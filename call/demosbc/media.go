package demosbc

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// gatherTimeout bounds the search for our one candidate, which takes well
// under a millisecond.
const gatherTimeout = 2 * time.Second

// mediaEngine opens the sound of calls: what all of them share.
type mediaEngine struct {
	api     *webrtc.API
	cert    webrtc.Certificate
	passive bool
	sounds  *library
	log     *slog.Logger
}

// newMediaEngine prepares pion for calls on 127.0.0.1. passive: see
// Config.PassiveDTLS.
func newMediaEngine(passive bool, log *slog.Logger) (*mediaEngine, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("media key: %w", err)
	}
	cert, err := webrtc.GenerateCertificate(key)
	if err != nil {
		return nil, fmt.Errorf("media certificate: %w", err)
	}
	codecs := &webrtc.MediaEngine{}
	if err := registerCodecs(codecs); err != nil {
		return nil, err
	}
	// Sender and receiver reports, nothing else: a phone measures its round
	// trip and loss from them (RFC 3550 section 6.4).
	reports := &interceptor.Registry{}
	if err := webrtc.ConfigureRTCPReports(reports); err != nil {
		return nil, fmt.Errorf("RTCP reports: %w", err)
	}

	var s webrtc.SettingEngine
	s.SetIncludeLoopbackCandidate(true)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	s.SetIPFilter(func(ip net.IP) bool { return ip.Equal(net.IPv4(127, 0, 0, 1)) })
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	role := webrtc.DTLSRoleClient
	if passive {
		role = webrtc.DTLSRoleServer
	}
	if err := s.SetAnsweringDTLSRole(role); err != nil {
		return nil, fmt.Errorf("DTLS role: %w", err)
	}
	return &mediaEngine{
		api: webrtc.NewAPI(webrtc.WithMediaEngine(codecs), webrtc.WithSettingEngine(s),
			webrtc.WithInterceptorRegistry(reports)),
		cert: *cert, passive: passive, sounds: newLibrary(), log: log,
	}, nil
}

// close frees what the calls shared; there must be none any more.
func (e *mediaEngine) close() { e.sounds.close() }

// registerCodecs names what we take; payload types are the offer's.
func registerCodecs(m *webrtc.MediaEngine) error {
	for _, c := range []webrtc.RTPCodecParameters{
		{PayloadType: 111, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: "minptime=10;useinbandfec=1"}},
		{PayloadType: 8, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMA, ClockRate: 8000}},
		{PayloadType: 0, RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypePCMU, ClockRate: 8000}},
		{PayloadType: 110, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: "audio/telephone-event", ClockRate: 48000, SDPFmtpLine: "0-15"}},
		{PayloadType: 126, RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: "audio/telephone-event", ClockRate: 8000, SDPFmtpLine: "0-15"}},
	} {
		if err := m.RegisterCodec(c, webrtc.RTPCodecTypeAudio); err != nil {
			return fmt.Errorf("codec %s: %w", c.MimeType, err)
		}
	}
	return nil
}

// stream is the sound of one call: one PeerConnection, which answered exactly
// one offer and is never negotiated again. It owns its goroutines until close
// returns.
type stream struct {
	pc    *webrtc.PeerConnection
	local local
	out   *sender
	ear   *ear
	log   *slog.Logger

	player  *player
	readers sync.WaitGroup
	up      chan struct{} // closed when packets can flow
	gone    chan struct{} // closed when the transport failed or the phone closed it
}

// open builds the stream that answers o and begins to connect. ear takes what
// is heard; it must be for one stream at a time.
func (e *mediaEngine) open(ctx context.Context, o *offer, ear *ear) (*stream, error) {
	pc, err := e.api.NewPeerConnection(webrtc.Configuration{Certificates: []webrtc.Certificate{e.cert}})
	if err != nil {
		return nil, fmt.Errorf("peer connection: %w", err)
	}
	voice, _ := o.voice()
	s := &stream{
		pc: pc, out: newSender(voice.clock), ear: ear, log: e.log,
		up: make(chan struct{}), gone: make(chan struct{}),
	}
	s.player = newPlayer(e.sounds, s.out, s.up)
	s.watch()
	if err := s.answer(ctx, o, e.passive); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// watch follows the connection's state.
func (s *stream) watch() {
	var up, gone sync.Once
	s.pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch state {
		case webrtc.PeerConnectionStateConnected:
			up.Do(func() { close(s.up) })
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			gone.Do(func() { close(s.gone) })
		}
	})
	s.pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		s.readers.Go(func() { drainRTCP(receiver.Read) })
		s.readers.Go(func() { s.receive(track) })
	})
}

// answer negotiates with pion; the phone's text was rewritten before.
func (s *stream) answer(ctx context.Context, o *offer, passive bool) error {
	rtpSender, err := s.pc.AddTrack(s.out)
	if err != nil {
		return fmt.Errorf("track: %w", err)
	}
	s.readers.Go(func() { drainRTCP(rtpSender.Read) })
	err = s.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: o.forPion()})
	if err != nil {
		return fmt.Errorf("offer: %w", err)
	}
	answer, err := s.pc.CreateAnswer(nil)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(s.pc)
	if err := s.pc.SetLocalDescription(answer); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, gatherTimeout)
	defer cancel()
	select {
	case <-gathered:
	case <-ctx.Done():
		return fmt.Errorf("gathering: %w", ctx.Err())
	}
	s.local, err = parseLocal(s.pc.LocalDescription().SDP, o, passive)
	return err
}

// receive reads one of the phone's sources until it ends, echoing and
// listening as it is told.
func (s *stream) receive(track *webrtc.TrackRemote) {
	buf := make([]byte, 1600)
	var h rtp.Header
	for {
		n, _, err := track.Read(buf)
		if n == 0 && err != nil {
			return
		}
		// An error beside data is only pion not knowing the payload type,
		// which our own offer may since have changed.
		headerLen, err := h.Unmarshal(buf[:n])
		if err != nil {
			continue
		}
		end := n
		if h.Padding && n > headerLen {
			end = max(headerLen, n-int(buf[n-1]))
		}
		payload := buf[headerLen:end]
		s.ear.hear(&h, payload)
		s.out.echo(&h, payload)
	}
}

// drainRTCP reads reports so that pion's interceptors see them.
func drainRTCP(read func([]byte) (int, interceptor.Attributes, error)) {
	buf := make([]byte, 1600)
	for {
		if _, _, err := read(buf); err != nil {
			if errors.Is(err, io.ErrShortBuffer) {
				continue
			}
			return
		}
	}
}

// lost is closed when the transport failed or the phone closed it.
func (s *stream) lost() <-chan struct{} { return s.gone }

// describe writes the stream's end for the phone; see local.describe.
func (s *stream) describe(o *offer, d direction, asOffer bool) string {
	return s.local.describe(o, d, asOffer)
}

// play changes what the phone hears; o is the offer in force, whose first
// codec it is sent in.
func (s *stream) play(what sound, o *offer) {
	s.out.setEcho(what == soundEcho)
	voice, name := o.voice()
	s.player.play(what, name, voice.pt)
}

// prepare makes a sound that will be wanted later.
func (s *stream) prepare(what sound, o *offer) {
	_, name := o.voice()
	s.player.prepare(what, name)
}

// hold stops all sending, or goes on with it.
func (s *stream) hold(on bool) { s.out.setSending(!on) }

// closeTime bounds the end of a peer connection.
const closeTime = 5 * time.Second

// close ends the connection and waits for everything that the stream started.
// The wait is bounded: pion's DTLS transport locks up for ever when the phone's
// good-bye comes while its streams are being started (close waits for the
// reader of packets, and that one for an acceptor that is never begun). What
// hangs then is left behind, for a program that ends must end.
func (s *stream) close() {
	s.player.close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.pc.GracefulClose(); err != nil {
			s.log.Debug("closing a peer connection", "error", err)
		}
		s.readers.Wait()
	}()
	limit := time.NewTimer(closeTime)
	defer limit.Stop()
	select {
	case <-done:
	case <-limit.C:
		s.log.Warn("a peer connection does not close")
	}
}

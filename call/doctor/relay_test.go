package doctor

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/pion/turn/v5"

	"nxphone/call/profile"
)

// relayServer is a TURN server of pion's on UDP and TCP of loopback.
func relayServer(t *testing.T) (udp, tcp string) {
	t.Helper()
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	generator := func() turn.RelayAddressGenerator {
		return &turn.RelayAddressGeneratorStatic{RelayAddress: net.IPv4(127, 0, 0, 1), Address: "127.0.0.1"}
	}
	srv, err := turn.NewServer(turn.ServerConfig{
		Realm: "test", LoggerFactory: quiet(),
		AuthHandler: func(ra *turn.RequestAttributes) (userID string, key []byte, ok bool) {
			return ra.Username, turn.GenerateAuthKey(ra.Username, "test", "right"), ra.Username == "kim"
		},
		PacketConnConfigs: []turn.PacketConnConfig{{PacketConn: pc, RelayAddressGenerator: generator()}},
		ListenerConfigs:   []turn.ListenerConfig{{Listener: l, RelayAddressGenerator: generator()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	return pc.LocalAddr().String(), l.Addr().String()
}

func TestRelays(t *testing.T) {
	udp, tcp := relayServer(t)
	mute, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mute.Close() })
	gone, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = gone.Close()
	for name, c := range map[string]struct {
		url, user, password string
		want                Code
	}{
		"STUN":           {"stun:" + udp, "", "", RelayStunOK},
		"TURN":           {"turn:" + udp, "kim", "right", RelayOK},
		"TURN over TCP":  {"turn:" + tcp + "?transport=tcp", "kim", "right", RelayOK},
		"wrong password": {"turn:" + udp, "kim", "wrong", RelayDenied},
		"wrong user":     {"turn:" + tcp + "?transport=tcp", "lee", "right", RelayDenied},
		"no password":    {"turn:" + udp, "kim", "", RelayNoPassword},
		"no user":        {"turn:" + udp, "", "right", RelayNoPassword},
		"silent":         {"stun:" + mute.LocalAddr().String(), "", "", RelayTimeout},
		"silent TURN":    {"turn:" + mute.LocalAddr().String(), "kim", "right", RelayTimeout},
		"nobody":         {"turn:" + gone.LocalAddr().String(), "kim", "right", RelayRefused},
		"nobody, TCP":    {"turn:" + gone.LocalAddr().String() + "?transport=tcp", "kim", "right", RelayRefused},
		"no TLS":         {"turns:" + listen(t, nil, func(c net.Conn) { _, _ = c.Write([]byte("220 hello\r\n")); silent(c) }) + "?transport=tcp", "kim", "right", RelayTLS},
		"no name":        {"stun:nobody.test:3478", "", "", RelayName},
		"no URL":         {"stun:a:b:c", "", "", RelayWrong},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := settings("")
			s.ICEServers = []profile.ICEServer{{URL: c.url, User: c.user}}
			o := Options{Settings: s, Resolver: nameServer(t, "relay.test", ""), RelaySecret: func(context.Context, profile.ICEServer) (string, error) {
				if c.password == "" {
					return "", errors.New("none")
				}
				return c.password, nil
			}}
			if c.want == RelayTimeout {
				o.times = short()
			}
			began := time.Now()
			all := gather(t.Context(), o.withDefaults().relays)
			if len(all) != 1 || all[0].Code != c.want {
				t.Errorf("%+v, want %s", all, c.want)
			}
			if took := time.Since(began); took > relayTime {
				t.Errorf("took %v", took)
			}
		})
	}
	if all := gather(t.Context(), Options{Settings: settings("")}.withDefaults().relays); len(all) != 1 || all[0].Code != RelayNone {
		t.Errorf("%+v", all)
	}
}

package peer

import (
	"net"
	"regexp"
	"strings"
	"testing"

	"github.com/pion/turn/v5"

	"nxphone/call"
)

// relayIP is where relayed packets come from: nothing else does.
const relayIP = "127.0.0.2"

// turnServer is a TURN and STUN server on loopback; it gives its URL.
func turnServer(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	key := turn.GenerateAuthKey("user", "nxphone", "secret")
	srv, err := turn.NewServer(turn.ServerConfig{
		Realm: "nxphone",
		AuthHandler: func(ra *turn.RequestAttributes) (string, []byte, bool) {
			return ra.Username, key, ra.Username == "user"
		},
		PacketConnConfigs: []turn.PacketConnConfig{{
			PacketConn: conn,
			RelayAddressGenerator: &turn.RelayAddressGeneratorStatic{
				RelayAddress: net.ParseIP(relayIP), Address: relayIP,
			},
			// The library keeps clients from loopback peers by default; here
			// everybody lives there.
			PermissionHandler: func(net.Addr, net.IP) bool { return true },
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	return "turn:" + conn.LocalAddr().String()
}

// TestRelay: with a TURN server the offer has a relayed candidate, which is its
// default, and a call whose only way is that one is heard both ways.
func TestRelay(t *testing.T) {
	r := newRig(t, Settings{ICEServers: []ICEServer{{URLs: []string{turnServer(t)}, Username: "user", Credential: "secret"}}})
	offer := r.offer()
	relay := regexp.MustCompile(`a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ relay`).FindStringSubmatch(offer)
	if relay == nil || !strings.HasPrefix(line(offer, "m=audio "), relay[2]+" ") {
		t.Fatalf("no relayed candidate, or not the default, in\n%s", offer)
	}
	far := newFarEnd(t, farOptions{freq: theirTone, only: relayIP})
	r.s.Answer(far.answer(offer), false)
	r.hears(theirTone)
	far.hears(ourTone)
}

// TestWrongTURNPassword costs nothing but the relay.
func TestWrongTURNPassword(t *testing.T) {
	for _, s := range []ICEServer{
		{URLs: []string{turnServer(t)}, Username: "user", Credential: "wrong"},
		{URLs: []string{turnServer(t)}},
	} {
		r := newRig(t, Settings{ICEServers: []ICEServer{s}})
		offer := r.offer()
		if strings.Contains(offer, "typ relay") || !strings.Contains(offer, "typ host") {
			t.Errorf("the offer is\n%s", offer)
		}
		r.s.Close(call.ToneNone)
	}
}

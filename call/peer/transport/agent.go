package transport

import (
	"cmp"
	"fmt"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/stun/v4"

	"nxphone/call/peer/sdp"
)

const (
	disconnectedAfter = 5 * time.Second
	failedAfter       = 25 * time.Second
	keepalive         = 2 * time.Second
	// checkEvery is Ta of RFC 8445 section 14.2. The library nominates at the
	// next check after one has succeeded, and its own 200 ms are heard as a
	// late first word with peers that make no checks themselves.
	checkEvery = 50 * time.Millisecond
	// maxChecks lets a pair be tried for 15 s. The library's own 7 tries give
	// up before some gateways have opened their port.
	maxChecks = 300
	// The longest waits for a better pair than the one that works already.
	srflxWait = 200 * time.Millisecond
	prflxWait = 300 * time.Millisecond
	relayWait = 500 * time.Millisecond
)

func newAgent(cfg Config, n *network) (*ice.Agent, error) {
	udp := []ice.NetworkType{ice.NetworkTypeUDP4, ice.NetworkTypeUDP6}
	opts := []ice.AgentOption{
		ice.WithNet(n),
		ice.WithNetworkTypes(udp),
		ice.WithTURNTransportProtocols(append(udp, ice.NetworkTypeTCP4, ice.NetworkTypeTCP6)),
		// SBCs do not speak mDNS, and its sockets cost time and memory.
		ice.WithMulticastDNSMode(ice.MulticastDNSModeDisabled),
		ice.WithDisconnectedTimeout(cmp.Or(cfg.Disconnected, disconnectedAfter)),
		ice.WithFailedTimeout(cmp.Or(cfg.Failed, failedAfter)),
		ice.WithKeepaliveInterval(keepalive),
		ice.WithCheckInterval(checkEvery),
		ice.WithMaxBindingRequests(maxChecks),
		ice.WithSrflxAcceptanceMinWait(srflxWait),
		ice.WithPrflxAcceptanceMinWait(prflxWait),
		ice.WithRelayAcceptanceMinWait(relayWait),
		ice.WithLoggerFactory(logFactory{cfg.Logger}),
	}
	if cfg.IncludeLoopback {
		opts = append(opts, ice.WithIncludeLoopback())
	}
	if cfg.Ufrag != "" {
		opts = append(opts, ice.WithLocalCredentials(cfg.Ufrag, cfg.Pwd))
	}
	urls := servers(cfg)
	if len(urls) > 0 {
		opts = append(opts, ice.WithUrls(urls))
	}
	return ice.NewAgentWithOptions(opts...)
}

// servers leaves out what is no URL: a typing error in the settings must not
// keep the phone from calling.
func servers(cfg Config) []*stun.URI {
	var urls []*stun.URI
	for _, s := range cfg.Servers {
		for _, raw := range s.URLs {
			u, err := stun.ParseURI(raw)
			if err != nil {
				cfg.Logger.Warn("an ICE server's URL is not usable", "error", err)
				continue
			}
			if u.Scheme == stun.SchemeTypeTURN || u.Scheme == stun.SchemeTypeTURNS {
				if s.Username == "" || s.Credential == "" {
					cfg.Logger.Warn("a TURN server needs a user name and a credential")
					continue
				}
				u.Username, u.Password = s.Username, s.Credential
			}
			urls = append(urls, u)
		}
	}
	return urls
}

// fromICE keeps the UDP candidates, best first as the agent has them.
func fromICE(found []ice.Candidate) []sdp.Candidate {
	var list []sdp.Candidate
	for _, c := range found {
		if !c.NetworkType().IsUDP() {
			continue
		}
		s := sdp.Candidate{
			Foundation: c.Foundation(), Priority: c.Priority(),
			Addr: c.Address(), Port: c.Port(), Type: c.Type().String(),
		}
		if rel := c.RelatedAddress(); rel != nil {
			s.RelAddr, s.RelPort = rel.Address, rel.Port
		}
		list = append(list, s)
	}
	return list
}

func toICE(c sdp.Candidate) (ice.Candidate, error) {
	rel := ""
	if c.Type != "host" && c.RelAddr != "" {
		rel = fmt.Sprintf(" raddr %s rport %d", c.RelAddr, c.RelPort)
	}
	return ice.UnmarshalCandidate(fmt.Sprintf("%s 1 udp %d %s %d typ %s%s",
		c.Foundation, c.Priority, c.Addr, c.Port, c.Type, rel))
}

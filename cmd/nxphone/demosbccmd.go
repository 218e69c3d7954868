package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"nxphone/call/demosbc"
	"nxphone/call/profile"
)

// demoDN is the extension of a demo call when nobody names one.
const demoDN = "1000"

// startDemo starts the demo SBC inside the process and puts its realm and
// address under the flags. The extension counts only where the user has none.
func (p *program) startDemo(ctx context.Context) (*demosbc.Server, error) {
	srv, err := demosbc.Start(ctx, demosbc.Config{Logger: p.log})
	if err != nil {
		return nil, err
	}
	_, wss := srv.URLs()
	demo, err := profile.NewLayer(profile.SourceDemo, "--demo", map[profile.Key]string{
		profile.KeyRealm: srv.Realm(), profile.KeyURL: wss,
		profile.KeyKioskNumber: "600", profile.KeyKioskEmergency: "602", // one echoes, one talks
	})
	if err == nil {
		err = p.store.Add(demo)
	}
	if err == nil {
		// A proposal: the user may switch it off.
		var web profile.Layer
		web, err = profile.NewLayer(profile.SourceRecommended, "--demo", map[profile.Key]string{profile.KeyWebAPI: "true"})
		if err == nil {
			err = p.store.Add(web)
		}
	}
	if err == nil && p.store.Get().DN == "" {
		var dn profile.Layer
		dn, err = profile.NewLayer(profile.SourceDemo, "--demo", map[profile.Key]string{profile.KeyDN: demoDN})
		if err == nil {
			err = p.store.Add(dn)
		}
	}
	if err != nil {
		srv.Close()
		return nil, err
	}
	return srv, nil
}

// runDemoSBC is "nxphone demo-sbc": the server alone, until it is told to stop.
func runDemoSBC(ctx context.Context, p *program, o options) int {
	srv, err := demosbc.Start(ctx, demosbc.Config{Listen: o.listen, Logger: p.log})
	if err != nil {
		return p.fail(err)
	}
	defer srv.Close()
	dir, err := os.MkdirTemp("", "nxphone-demo-")
	if err != nil {
		return p.fail(err)
	}
	defer os.RemoveAll(dir)
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, srv.CA(), 0o644); err != nil {
		return p.fail(err)
	}
	for _, addr := range srv.Addresses() {
		fmt.Fprintf(p.stdout, "sbc wss://%s\nsbc ws://%s\n", addr, addr)
	}
	fmt.Fprintf(p.stdout, "ca %s\nrealm %s\n", ca, srv.Realm())
	<-ctx.Done()
	return exitOK
}

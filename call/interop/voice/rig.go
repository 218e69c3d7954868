package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"nxphone/call/interop"
	"nxphone/call/interop/jssip"
)

// rig is what parts with calls need: the SBC, the exchange behind it and the
// page's server.
type rig struct {
	exchange *exchange
	lab      *interop.Lab
	site     *jssip.Site
}

// rig starts everything when it is first asked for; it ends with the bench.
func (b *bench) rig(ctx context.Context) (*rig, error) {
	if b.started != nil {
		return b.started, nil
	}
	r := &rig{}
	var err error
	if r.exchange, err = newExchange(); err != nil {
		return nil, err
	}
	b.closer = append(b.closer, r.exchange.close)
	dir := filepath.Join(b.dir, "lab")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	cfg := interop.Config{Agents: []string{}, NoBaresip: true, Routes: []interop.Route{{Pattern: numberPattern, Port: r.exchange.port()}}}
	if r.lab, err = interop.Run(ctx, cfg, dir); err != nil {
		return nil, err
	}
	b.closer = append(b.closer, r.lab.Close)
	if r.site, err = jssip.NewSite(ctx, page); err != nil {
		return nil, err
	}
	b.closer = append(b.closer, r.site.Close)
	b.started = r
	return r, nil
}

// number is one that nobody has called before.
func (b *bench) number() string {
	b.numbers++
	return fmt.Sprintf("%s%06d", numberPrefix, b.numbers)
}

// phoneEnd makes an end with the phone; the returned function ends it.
func (b *bench) phoneEnd(ctx context.Context, r *rig, flags ...string) (*phoneEnd, func(), error) {
	d, err := b.desk(ctx)
	if err != nil {
		return nil, nil, err
	}
	return &phoneEnd{desk: d, path: b.phone, sbc: r.lab, flags: flags}, d.close, nil
}

// browserEnd makes an end with a browser that is running.
func (b *bench) browserEnd(ctx context.Context, r *rig, processing bool) (*browserEnd, func(), error) {
	d, err := b.desk(ctx)
	if err != nil {
		return nil, nil, err
	}
	e := &browserEnd{desk: d, sbc: r.lab, site: r.site, processing: processing}
	if err := e.start(ctx); err != nil {
		d.close()
		return nil, nil, err
	}
	return e, func() { e.close(); d.close() }, nil
}

func (b *bench) desk(ctx context.Context) (*desk, error) {
	b.desks++
	return newDesk(ctx, filepath.Join(b.dir, fmt.Sprint("desk-", b.desks)))
}

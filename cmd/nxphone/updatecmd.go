package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"nxphone/call/update"
)

// runUpdate is "nxphone update": it asks whether there is a newer version, or
// verifies a file. It installs nothing. Exit status 0: the question was answered
// (there may be a newer version, or none), or the file is genuine.
func runUpdate(ctx context.Context, p *program, o options) int {
	if o.verify != "" {
		if o.folder != "" {
			return p.usage(fmt.Errorf("%w: --verify asks nobody and downloads nothing", errUsage))
		}
		return p.verifyFile(o)
	}
	s := p.store.Get()
	if s.UpdateURL == "" {
		return p.fail(&update.Error{Code: update.CodeConfig, Detail: "update-url is not set"})
	}
	c, err := p.newUpdate(s, installKind(), lookForCalls(lookQuick), func() { p.tell(p.text("cli.update.waits"), "") })
	if err != nil {
		return p.fail(err)
	}
	defer c.Heed(ctx)()
	var st update.Status
	if c.Quiet() {
		st = c.Check(ctx)
	}
	if st.Err == nil && !c.Quiet() || update.CodeOf(st.Err) == update.CodeCall {
		// Of what is known nothing is offered either; programs ask again.
		st = update.Status{Err: &update.Error{Code: update.CodeCall, Detail: "of a phone on this computer"}}
	}
	path := ""
	if st.Err == nil && st.Newer && o.folder != "" {
		path, st.Err = c.Download(ctx, o.folder)
	}
	if o.json {
		return p.updateJSON(st, path)
	}
	if st.Err != nil {
		p.say(st.Err)
	}
	if st.Feed == nil {
		return exitFailed
	}
	if st.Newer {
		fmt.Fprintln(p.stdout, p.words.Text("cli.update.newer", "version", string(st.Feed.Version), "own", version))
		fmt.Fprintln(p.stdout, p.text("update.how."+strings.TrimSuffix(installKind(), "-gl")))
		if notes := st.Feed.Notes[string(p.words.Lang())]; notes != "" {
			fmt.Fprintf(p.stdout, "\n%s\n", notes)
		}
	} else if st.Err == nil {
		fmt.Fprintln(p.stdout, p.words.Text("cli.update.newest", "own", version))
	}
	if path != "" {
		fmt.Fprintln(p.stdout, p.words.Text("cli.update.downloaded", "file", path))
	}
	if st.Err != nil {
		return exitFailed
	}
	return exitOK
}

// updateJSON prints what is known for programs.
func (p *program) updateJSON(st update.Status, path string) int {
	out := struct {
		Installed string            `json:"installed"`
		Newest    update.Version    `json:"newest,omitempty"`
		Newer     bool              `json:"newer"`
		Expires   *time.Time        `json:"expires,omitempty"`
		File      *update.File      `json:"file,omitempty"`
		Notes     map[string]string `json:"notes,omitempty"`
		Path      string            `json:"path,omitempty"`
		Error     update.Code       `json:"error,omitempty"`
		What      string            `json:"what,omitempty"`
	}{Installed: version, Newer: st.Newer, File: st.File, Path: path, Error: update.CodeOf(st.Err)}
	if st.Feed != nil {
		out.Newest, out.Expires, out.Notes = st.Feed.Version, &st.Feed.Expires, st.Feed.Notes
	}
	if st.Err != nil {
		out.What, _ = p.sentence(st.Err)
	}
	if err := printJSON(p, out); err != nil {
		return p.fail(err)
	}
	if st.Err != nil {
		return exitFailed
	}
	return exitOK
}

func printJSON(p *program, v any) error {
	e := json.NewEncoder(p.stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// verifyFile is "nxphone update --verify FILE". A genuine file of an older version
// is told and refused: it is what somebody would hand out who cannot sign.
func (p *program) verifyFile(o options) int {
	keys, err := updateKeysOf(p.store.Get())
	if err != nil {
		return p.fail(err)
	}
	got, err := update.VerifyFile(o.verify, keys)
	if err == nil {
		own, perr := update.ParseVersion(version)
		if perr == nil && got.Version.Compare(own) < 0 {
			err = &update.Error{Code: update.CodeRollback, Detail: fmt.Sprintf("version %s, and this is %s", got.Version, own)}
		}
	}
	if o.json {
		out := struct {
			Genuine bool           `json:"genuine"`
			Version update.Version `json:"version,omitempty"`
			Target  string         `json:"target,omitempty"`
			Error   update.Code    `json:"error,omitempty"`
			What    string         `json:"what,omitempty"`
		}{err == nil, got.Version, got.Target, update.CodeOf(err), ""}
		if err != nil {
			out.What, _ = p.sentence(err)
		}
		if perr := printJSON(p, out); perr != nil {
			return p.fail(perr)
		}
	} else if err == nil {
		fmt.Fprintln(p.stdout, p.words.Text("cli.update.genuine", "version", string(got.Version), "target", got.Target))
	}
	if err != nil {
		if !o.json {
			p.say(err)
		}
		return exitFailed
	}
	return exitOK
}

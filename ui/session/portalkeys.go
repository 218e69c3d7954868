//go:build !windows

package session

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"nxphone/call/profile/hotkey"
)

// Global keys under Wayland, by the desktop's portal
// (org.freedesktop.portal.GlobalShortcuts): the desktop asks the user, and the
// user may choose other keys there than those that we prefer.

const (
	portalName   = "org.freedesktop.portal.Desktop"
	portalPath   = dbus.ObjectPath("/org/freedesktop/portal/desktop")
	portalKeys   = "org.freedesktop.portal.GlobalShortcuts"
	requestReply = "org.freedesktop.portal.Request.Response"
)

type portalShortcut struct {
	ID    string
	Props map[string]dbus.Variant
}

// servePortal binds the keys in one portal session until they change, ctx ends,
// or the connection is lost.
func (h *Hotkeys) servePortal(ctx context.Context) error {
	conn, err := h.env.dial(ctx)
	if err != nil {
		return errors.Join(ErrNoHotkeys, err)
	}
	defer conn.Close() // ends the session
	signals := make(chan *dbus.Signal, 32)
	conn.Signal(signals)
	for _, member := range []string{"Response", "Activated"} {
		if err := conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(portalName), dbus.WithMatchMember(member)); err != nil {
			return errors.Join(ErrNoHotkeys, err)
		}
	}
	keys := h.wish.get()
	session, err := h.bind(ctx, conn, signals, keys)
	if err != nil {
		return errors.Join(ErrNoHotkeys, err)
	}
	h.told(map[string]error{})
	for {
		select {
		case s := <-signals:
			if s == nil {
				return ErrNoHotkeys
			}
			if s.Name != portalKeys+".Activated" || len(s.Body) < 2 || s.Body[0] != session {
				continue
			}
			if id, ok := s.Body[1].(string); ok {
				if _, ours := keys[id]; ours {
					h.pressed(id)
				}
			}
		case <-h.wish.wake:
			h.wish.change(func(*map[string]hotkey.Key) {}) // Run binds them anew
			return nil
		case <-conn.Context().Done():
			return ErrNoHotkeys
		case <-ctx.Done():
			return nil
		}
	}
}

// bind makes a portal session and asks for the keys.
func (h *Hotkeys) bind(ctx context.Context, conn *dbus.Conn, signals <-chan *dbus.Signal, keys map[string]hotkey.Key) (dbus.ObjectPath, error) {
	token := randomToken()
	results, err := h.request(ctx, conn, signals, token, "CreateSession", map[string]dbus.Variant{
		"handle_token": dbus.MakeVariant(token), "session_handle_token": dbus.MakeVariant(token)})
	if err != nil {
		return "", err
	}
	handle, _ := results["session_handle"].Value().(string)
	session := dbus.ObjectPath(handle)
	if !session.IsValid() {
		return "", errors.New("the portal gives no session")
	}
	var list []portalShortcut
	for _, id := range slices.Sorted(maps.Keys(keys)) {
		list = append(list, portalShortcut{id, map[string]dbus.Variant{
			"description": dbus.MakeVariant(h.name(id)), "preferred_trigger": dbus.MakeVariant(trigger(keys[id])),
		}})
	}
	token = randomToken()
	_, err = h.request(ctx, conn, signals, token, "BindShortcuts", session, list, "", map[string]dbus.Variant{"handle_token": dbus.MakeVariant(token)})
	return session, err
}

// request calls a method of the portal and waits for what comes of it. The user
// may be asked, which takes as long as it takes.
func (h *Hotkeys) request(ctx context.Context, conn *dbus.Conn, signals <-chan *dbus.Signal, token, method string, args ...any) (map[string]dbus.Variant, error) {
	me := strings.ReplaceAll(strings.TrimPrefix(conn.Names()[0], ":"), ".", "_")
	request := dbus.ObjectPath(fmt.Sprintf("/org/freedesktop/portal/desktop/request/%s/%s", me, token))
	if err := call(ctx, conn.Object(portalName, portalPath), portalKeys+"."+method, 0, args...).Err; err != nil {
		return nil, err
	}
	for {
		select {
		case s := <-signals:
			if s == nil {
				return nil, errors.New("the bus has gone")
			}
			if s.Name != requestReply || s.Path != request || len(s.Body) < 2 {
				continue
			}
			code, _ := s.Body[0].(uint32)
			results, _ := s.Body[1].(map[string]dbus.Variant)
			if code != 0 {
				return nil, fmt.Errorf("the portal refuses (%d)", code)
			}
			return results, nil
		case <-conn.Context().Done():
			return nil, errors.New("the bus has gone")
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// trigger is a key as the portal's shortcuts specification writes it.
func trigger(k hotkey.Key) string {
	var b strings.Builder
	for _, m := range []struct {
		mod  hotkey.Mod
		word string
	}{{hotkey.Ctrl, "CTRL+"}, {hotkey.Alt, "ALT+"}, {hotkey.Shift, "SHIFT+"}, {hotkey.Super, "LOGO+"}} {
		if k.Mods&m.mod != 0 {
			b.WriteString(m.word)
		}
	}
	return b.String() + keyName(k.Name)
}

// keyName is the keysym's name of xkbcommon.
func keyName(name string) string {
	switch name {
	case "Space":
		return "space"
	case "PageUp":
		return "Page_Up"
	case "PageDown":
		return "Page_Down"
	case "ScrollLock":
		return "Scroll_Lock"
	case "MicMute":
		return "XF86AudioMicMute"
	case "MediaPlay":
		return "XF86AudioPlay"
	case "MediaStop":
		return "XF86AudioStop"
	}
	if len(name) == 1 {
		return strings.ToLower(name)
	}
	return name
}

//go:build !windows

package session

import (
	"context"
	"fmt"
	"image"
	"os"
	"slices"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"
	"github.com/godbus/dbus/v5/prop"
)

// area has nothing to keep here.
type area struct{}

const (
	itemInterface    = "org.kde.StatusNotifierItem"
	watcherName      = "org.kde.StatusNotifierWatcher"
	itemPath         = dbus.ObjectPath("/StatusNotifierItem")
	menuPath         = dbus.ObjectPath("/StatusNotifierItem/menu")
	watcherPath      = dbus.ObjectPath("/StatusNotifierWatcher")
	menuInterface    = "com.canonical.dbusmenu"
	menuVersion      = uint32(3)
	statusActive     = "Active"
	statusAttention  = "NeedsAttention"
	itemCategoryComm = "Communications"
)

// serve shows the item over one connection, until ctx, the wish or the
// connection ends.
func (t *Tray) serve(ctx context.Context) error {
	conn, err := t.env.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer t.shown.Store(false)
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	if err := followName(ctx, conn, watcherName); err != nil {
		return err
	}
	p, err := t.export(conn, t.wish.get())
	if err != nil {
		return err
	}
	t.register(ctx, conn)
	for {
		select {
		case <-t.wish.wake:
			item := t.wish.get()
			if item == nil {
				return nil
			}
			if err := p.update(conn, item); err != nil {
				return err
			}
		case s, open := <-signals:
			if !open {
				signals = nil // the connection's end tells
				continue
			}
			if s.Name == "org.freedesktop.DBus.NameOwnerChanged" {
				t.shown.Store(false)
				if cameUp(s, watcherName) {
					t.register(ctx, conn)
				}
			}
		case <-conn.Context().Done():
			return conn.Context().Err()
		case <-ctx.Done():
			return nil
		}
	}
}

// register tells the desktop's tray of the item.
func (t *Tray) register(ctx context.Context, conn *dbus.Conn) {
	o := conn.Object(watcherName, watcherPath)
	// Not started for us: a desktop without a tray has none.
	if err := call(ctx, o, watcherName+".RegisterStatusNotifierItem", dbus.FlagNoAutoStart, conn.Names()[0]).Err; err != nil {
		t.env.log().Debug("no tray takes the icon", "error", err)
		return
	}
	// A watcher without a host is a hook with no wall behind it.
	var host dbus.Variant
	err := call(ctx, o, "org.freedesktop.DBus.Properties.Get", 0, watcherName, "IsStatusNotifierHostRegistered").Store(&host)
	there, ok := host.Value().(bool)
	t.shown.Store(err != nil || !ok || there)
}

// published is an item as it stands on the bus.
type published struct {
	item  *Item
	props *prop.Properties
	menu  *menu
}

type pixmap struct {
	W, H int32
	Data []byte
}

type toolTip struct {
	Icon   string
	Pixmap []pixmap
	Title  string
	Text   string
}

// export puts the item's objects on the bus.
func (t *Tray) export(conn *dbus.Conn, item *Item) (*published, error) {
	p := &published{item: item, menu: &menu{click: t.click, revision: 1}}
	p.menu.set(item.Menu)
	if err := conn.Export(clicks{t.click}, itemPath, itemInterface); err != nil {
		return nil, err
	}
	if err := conn.Export(p.menu, menuPath, menuInterface); err != nil {
		return nil, err
	}
	fixed := func(v any) *prop.Prop { return &prop.Prop{Value: v, Emit: prop.EmitConst} }
	changing := func(v any) *prop.Prop { return &prop.Prop{Value: v, Emit: prop.EmitTrue} }
	props, err := prop.Export(conn, itemPath, prop.Map{itemInterface: {
		"Category": fixed(itemCategoryComm), "Id": fixed(t.app), "WindowId": fixed(int32(0)), "ItemIsMenu": fixed(false), "Menu": fixed(menuPath),
		"IconThemePath": fixed(""), "IconName": fixed(""), "OverlayIconName": fixed(""), "AttentionIconName": fixed(""), "AttentionMovieName": fixed(""),
		"OverlayIconPixmap": fixed([]pixmap{}),
		"Status":            changing(item.status()), "Title": changing(item.Title), "IconPixmap": changing(pixmaps(item.Icons)),
		"AttentionIconPixmap": changing(pixmaps(item.Icons)), "ToolTip": changing(item.toolTip()),
	}})
	if err != nil {
		return nil, err
	}
	p.props = props
	menuProps, err := prop.Export(conn, menuPath, prop.Map{menuInterface: {
		"Version": fixed(menuVersion), "TextDirection": fixed("ltr"), "Status": fixed("normal"), "IconThemePath": fixed([]string{}),
	}})
	if err != nil {
		return nil, err
	}
	nodes := map[dbus.ObjectPath][]introspect.Interface{
		itemPath: {introspect.IntrospectData, prop.IntrospectData, {Name: itemInterface, Methods: introspect.Methods(clicks{}), Properties: props.Introspection(itemInterface)}},
		menuPath: {introspect.IntrospectData, prop.IntrospectData, {Name: menuInterface, Methods: introspect.Methods(p.menu), Properties: menuProps.Introspection(menuInterface)}},
	}
	for path, list := range nodes {
		node := introspect.NewIntrospectable(&introspect.Node{Name: string(path), Interfaces: list})
		if err := conn.Export(node, path, "org.freedesktop.DBus.Introspectable"); err != nil {
			return nil, err
		}
	}
	name := fmt.Sprintf("%s-%d-1", itemInterface, os.Getpid())
	if _, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
		return nil, err
	}
	return p, nil
}

// update changes what has changed, and tells.
func (p *published) update(conn *dbus.Conn, item *Item) error {
	old := p.item
	if item.equal(old) {
		return nil
	}
	p.item = item
	var told []string
	if item.Title != old.Title {
		p.props.SetMust(itemInterface, "Title", item.Title)
		told = append(told, "NewTitle")
	}
	if item.Title != old.Title || item.Tip != old.Tip {
		p.props.SetMust(itemInterface, "ToolTip", item.toolTip())
		told = append(told, "NewToolTip")
	}
	if !slices.Equal(item.Icons, old.Icons) {
		p.props.SetMust(itemInterface, "IconPixmap", pixmaps(item.Icons))
		p.props.SetMust(itemInterface, "AttentionIconPixmap", pixmaps(item.Icons))
		told = append(told, "NewIcon", "NewAttentionIcon")
	}
	for _, name := range told {
		if err := conn.Emit(itemPath, itemInterface+"."+name); err != nil {
			return err
		}
	}
	if item.Attention != old.Attention {
		p.props.SetMust(itemInterface, "Status", item.status())
		if err := conn.Emit(itemPath, itemInterface+".NewStatus", item.status()); err != nil {
			return err
		}
	}
	if !slices.Equal(item.Menu, old.Menu) {
		revision := p.menu.set(item.Menu)
		return conn.Emit(menuPath, menuInterface+".LayoutUpdated", revision, int32(0))
	}
	return nil
}

func (i *Item) status() string {
	if i.Attention {
		return statusAttention
	}
	return statusActive
}

func (i *Item) toolTip() toolTip {
	return toolTip{Pixmap: []pixmap{}, Title: i.Title, Text: i.Tip}
}

// pixmaps are pictures as the tray wants them: ARGB, not premultiplied, the
// most significant byte first.
func pixmaps(icons []image.Image) []pixmap {
	out := []pixmap{}
	for _, img := range icons {
		b := img.Bounds()
		p := pixmap{W: int32(b.Dx()), H: int32(b.Dy()), Data: make([]byte, 0, 4*b.Dx()*b.Dy())}
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				c := straight(img.At(x, y))
				p.Data = append(p.Data, c.A, c.R, c.G, c.B)
			}
		}
		out = append(out, p)
	}
	return out
}

// clicks are the item's methods: clicks on the icon.
type clicks struct{ click func(id string) }

// Activate is the first button.
func (c clicks) Activate(_, _ int32) *dbus.Error { c.click(ShowID); return nil }

// SecondaryActivate is the middle button.
func (c clicks) SecondaryActivate(_, _ int32) *dbus.Error { c.click(ShowID); return nil }

// ContextMenu is for hosts that leave menus to the item; ours is exported.
func (c clicks) ContextMenu(_, _ int32) *dbus.Error { return nil }

// Scroll changes nothing: a wheel must not touch a call.
func (c clicks) Scroll(_ int32, _ string) *dbus.Error { return nil }

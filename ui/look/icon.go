package look

import (
	"bytes"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"nxphone/assets"
)

// icon is one of our drawings in one of the theme's colours. The colour is
// looked up when it is drawn and stands in the name, which the toolkit caches
// by.
type icon struct {
	name  string
	color fyne.ThemeColorName
}

// Icon gives an icon of package assets in a colour of the theme. A name that
// does not exist gives an empty picture.
func Icon(name string, color fyne.ThemeColorName) fyne.Resource {
	return icon{name, color}
}

func (i icon) hex() string {
	c := color.NRGBAModel.Convert(theme.Color(i.color)).(color.NRGBA)
	return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
}

func (i icon) Name() string { return i.name + i.hex() + ".svg" }

func (i icon) Content() []byte {
	svg := assets.Icon(i.name)
	if svg == nil {
		return []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"></svg>`)
	}
	return bytes.ReplaceAll(svg, []byte("currentColor"), []byte(i.hex()))
}

// picture is a canvas image for icons.
func picture() *canvas.Image {
	img := &canvas.Image{FillMode: canvas.ImageFillContain}
	img.SetMinSize(fyne.NewSize(1, 1))
	return img
}

// setPicture changes the icon only when it is another one.
func setPicture(img *canvas.Image, name string, color fyne.ThemeColorName) {
	if name == "" {
		img.Hide()
		return
	}
	img.Resource = Icon(name, color)
	img.Show()
	img.Refresh()
}

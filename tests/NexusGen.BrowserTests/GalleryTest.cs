using Microsoft.Playwright;

namespace NexusGen.BrowserTests;

/// <summary>The base of tests of the gallery.</summary>
public abstract class GalleryTest(Browser browser) : VisitorTest(browser)
{
    protected IPage Page => Studio.Page;

    protected ILocator Selected => Page.Locator("#pictures button[aria-pressed=true]");

    protected ILocator Count => Page.Locator("#selected");

    protected ILocator Button(int place) => Studio.Gallery.Nth(place).Locator("button");

    protected ILocator Kind(string kind) => Page.Locator($"#kinds input[value='{kind}']");

    protected ILocator Tile(string name) =>
        Studio.Gallery.Filter(new() { Has = Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }) });

    // Adds small images to the gallery, as another client of the same user does.
    protected Task BringAsync(params string[] names) => Page.EvaluateAsync(
        """
        async (names) => {
          const canvas = new OffscreenCanvas(16, 16);
          canvas.getContext('2d').fillRect(4, 4, 8, 8);
          const body = await canvas.convertToBlob();
          for (const name of names) {
            const headers = { 'Content-Type': 'image/png', 'X-Picture-Name': encodeURIComponent(name) };
            const response = await fetch('/studio/api/pictures', { method: 'POST', body, headers });
            if (!response.ok) throw new Error(await response.text());
          }
        }
        """,
        names);
}

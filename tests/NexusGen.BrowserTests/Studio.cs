using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>The studio's page as a user sees it. All that goes wrong in the page itself is kept in <see cref="Errors"/>.</summary>
internal sealed class Studio
{
    private Studio(IPage page) => Page = page;

    public IPage Page { get; }

    public List<string> Errors { get; } = [];

    public ILocator Prompt => Page.Locator("#prompt");

    public ILocator Pictures => Page.Locator("#log figure[data-picture]");

    public ILocator Attached => Page.Locator("#attached img");

    public ILocator Gallery => Page.Locator("#pictures li");

    public static async Task<Studio> OpenAsync(IBrowserContext visitor, StudioServer server)
    {
        var studio = new Studio(await visitor.NewPageAsync());
        studio.Page.PageError += (_, error) => studio.Errors.Add(error);
        studio.Page.Console += (_, message) =>
        {
            // Chromium tells here of every answer that is an error; those are the tests' own.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                studio.Errors.Add(message.Text);
            }
        };
        await studio.Page.GotoAsync(server.Address);
        return studio;
    }

    /// <summary>Sends a message and waits until so many pictures are there.</summary>
    public async Task SayAsync(string text, int pictures)
    {
        await Prompt.FillAsync(text);
        await Prompt.PressAsync("Enter");
        await DrawnAsync(pictures);
    }

    public async Task DrawnAsync(int pictures)
    {
        await Expect(Pictures).ToHaveCountAsync(pictures, new() { Timeout = 120_000 });
        await Expect(Page.Locator("#send")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await ShownAsync(Pictures.Last.Locator("img"));
    }

    /// <summary>Waits until an image has its pixels.</summary>
    public static async Task ShownAsync(ILocator image)
    {
        for (int i = 0; i < 300 && !await image.EvaluateAsync<bool>("image => image.complete && image.naturalWidth > 0"); i++)
        {
            await Task.Delay(100);
        }

        Assert.True(await image.EvaluateAsync<int>("image => image.naturalWidth") > 0);
    }

    public async Task OpenGalleryAsync()
    {
        await Page.Locator("#tab-gallery").ClickAsync();
        await Expect(Page.Locator("#gallery")).ToBeVisibleAsync();
    }

    /// <summary>Deletes the latest picture of the gallery, which is open.</summary>
    public Task DeleteFirstAsync() => DeleteAsync(Gallery.First);

    /// <summary>Deletes a picture of the gallery, which is open; others may come meanwhile.</summary>
    public async Task DeleteAsync(ILocator item)
    {
        string id = (await item.GetAttributeAsync("data-picture"))!;
        await Gallery.And(Page.Locator($"[data-picture=\"{id}\"]")).Locator("button").ClickAsync();
        await Expect(Page.Locator("#details")).ToBeVisibleAsync();
        Page.Dialog += AcceptAsync;
        await Page.Locator("#actions >> text=Delete").ClickAsync();
        await Expect(Gallery.And(Page.Locator($"[data-picture=\"{id}\"]"))).ToHaveCountAsync(0);
        Page.Dialog -= AcceptAsync;

        static async void AcceptAsync(object? page, IDialog dialog) => await dialog.AcceptAsync();
    }

    /// <summary>Writes a field of the drawer.</summary>
    public async Task SetAsync(string field, string value)
    {
        await Page.Locator("#open-settings").ClickAsync();
        await Page.Locator($"#{field}").FillAsync(value);
        await Page.Locator("#settings button.primary").ClickAsync();
    }

    /// <summary>What the dialog of a picture says.</summary>
    public async Task<string> FactAsync(string name)
    {
        await Expect(Page.Locator("#details")).ToBeVisibleAsync();
        return await Page.Locator($"#facts dt:text-is(\"{name}\") + dd").InnerTextAsync();
    }
}

using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>The page of the studio as a user sees it. Errors of the page itself are collected in <see cref="Errors"/>.</summary>
internal sealed class Studio
{
    private Studio(IPage page) => Page = page;

    public IPage Page { get; }

    public List<string> Errors { get; } = [];

    public ILocator Prompt => Page.Locator("#prompt");

    public ILocator Pictures => Page.Locator("#log figure[data-picture]");

    public ILocator Attached => Page.Locator("#attached li:not(#source) img");

    /// <summary>Gets the mark of the picture that the next message changes.</summary>
    public ILocator Source => Page.Locator("#source");

    /// <summary>Gets the full-screen viewer.</summary>
    public ILocator Viewer => Page.Locator("#viewer");

    public ILocator Gallery => Page.Locator("#pictures li");

    public static async Task<Studio> OpenAsync(IBrowserContext visitor, StudioServer server)
    {
        var studio = new Studio(await visitor.NewPageAsync());
        studio.Page.PageError += (_, error) => studio.Errors.Add(error);
        studio.Page.Console += (_, message) =>
        {
            // Chromium also reports each HTTP response with an error status here; the tests check those themselves.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                studio.Errors.Add(message.Text);
            }
        };
        await studio.Page.GotoAsync(server.Address);
        return studio;
    }

    /// <summary>Gets the conversations of the side bar.</summary>
    public ILocator Conversations => Page.Locator("#conversations li");

    /// <summary>Gets the sentence that is shown for a while.</summary>
    public ILocator Toast => Page.Locator("#toast p");

    /// <summary>Chooses what the next message asks for.</summary>
    public Task ChooseAsync(string action) => Page.Locator($"#action input[value={action}]").CheckAsync();

    /// <summary>Chooses an image of the conversation to be edited by the next message.</summary>
    public static Task EditAsync(ILocator picture) => picture.Locator(".actions >> text=Edit").ClickAsync();

    /// <summary>Enlarges an image of the conversation or the gallery.</summary>
    public async Task EnlargeAsync(ILocator picture)
    {
        await picture.Locator("button").First.ClickAsync();
        await Expect(Viewer).ToBeVisibleAsync();
        await ShownAsync(Page.Locator("#after"));
    }

    /// <summary>Closes the viewer, if it is open.</summary>
    public async Task LeaveAsync()
    {
        if (await Viewer.IsVisibleAsync())
        {
            await Page.Keyboard.PressAsync("Escape");
        }

        await Expect(Viewer).ToBeHiddenAsync();
        await Page.WaitForFunctionAsync("() => !history.state?.viewer");
    }

    /// <summary>Sends a message and waits for a number of images.</summary>
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

    /// <summary>Waits until an image is loaded.</summary>
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

    /// <summary>Deletes the latest image of the gallery, which must be open.</summary>
    public Task DeleteFirstAsync() => DeleteAsync(Gallery.First);

    /// <summary>Deletes an image of the gallery, which must be open. New images may appear meanwhile.</summary>
    public async Task DeleteAsync(ILocator item)
    {
        string id = (await item.GetAttributeAsync("data-picture"))!;
        await Gallery.And(Page.Locator($"[data-picture=\"{id}\"]")).Locator("button").ClickAsync();
        await ShowDetailsAsync();
        Page.Dialog += AcceptAsync;
        await Page.Locator("#actions >> text=Delete").ClickAsync();
        await Expect(Gallery.And(Page.Locator($"[data-picture=\"{id}\"]"))).ToHaveCountAsync(0);
        Page.Dialog -= AcceptAsync;
        await LeaveAsync();

        static async void AcceptAsync(object? page, IDialog dialog) => await dialog.AcceptAsync();
    }

    /// <summary>Loads the page again as that of another model, whose settings differ in one place.</summary>
    public async Task PretendAsync(string setting, string other)
    {
        await Page.RouteAsync("**/studio/api/settings", async route =>
        {
            IAPIResponse answer = await route.FetchAsync();
            string text = await answer.TextAsync();
            Assert.Contains(setting, text);
            await route.FulfillAsync(new() { Response = answer, Body = text.Replace(setting, other, StringComparison.Ordinal) });
        });
        await Page.ReloadAsync();
    }

    /// <summary>Loads the page again as that of a model that draws another picture for another seed.</summary>
    public Task PretendSeedsMatterAsync() =>
        PretendAsync("\"seed_changes_images\":false", "\"seed_changes_images\":true");

    /// <summary>Sets a field of the settings drawer.</summary>
    public async Task SetAsync(string field, string value)
    {
        await Page.Locator("#open-settings").ClickAsync();
        await Page.Locator($"#{field}").FillAsync(value);
        await Page.Locator("#settings button.primary").ClickAsync();
    }

    /// <summary>Reads a fact from the details of an image, which is shown in the viewer.</summary>
    public async Task<string> FactAsync(string name)
    {
        await ShowDetailsAsync();
        return await Page.Locator($"#facts dt:text-is(\"{name}\") + dd").InnerTextAsync();
    }

    // The panel beside the picture is as it was left.
    private async Task ShowDetailsAsync()
    {
        await Expect(Viewer).ToBeVisibleAsync();
        if (!await Page.Locator("#details").IsVisibleAsync())
        {
            await Page.Locator("#to-details").ClickAsync();
        }
    }
}

using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>Tests of the studio on phones, with keyboards, screen readers and API keys, and with servers that stop.</summary>
public sealed class StudioReachTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task AServerThatGoesAwayIsWaitedForAndGoesOnWhereItWas()
    {
        string folder = Directory.CreateTempSubdirectory("nexusgen-studio").FullName;
        try
        {
            await using StudioServer server = await StudioServer.StartAsync(browser.Model, options =>
            {
                options.Gallery = Path.Combine(folder, "gallery.db");
                options.Background = Path.Combine(folder, "background.db");
            });
            await using IBrowserContext visitor = await browser.VisitAsync();
            Studio studio = await Studio.OpenAsync(visitor, server);
            await studio.SayAsync("a red star", 1);

            // Long enough that the server stops before the request is completed, on any machine.
            await studio.SetAsync("steps", "400");
            await studio.SetAsync("width", "448");
            await studio.SetAsync("height", "448");
            await studio.Prompt.FillAsync("a blue ring");
            await studio.Prompt.PressAsync("Enter");
            await Expect(studio.Page.Locator(".painting img")).ToBeVisibleAsync(new() { Timeout = 60_000 });
            await server.StopAsync();
            await Expect(studio.Page.Locator("#offline")).ToBeVisibleAsync(new() { Timeout = 30_000 });
            await server.StartAsync();
            await Expect(studio.Page.Locator("#offline")).ToBeHiddenAsync(new() { Timeout = 30_000 });
            await studio.DrawnAsync(2);
            await Expect(studio.Page.Locator(".answer .note")).ToHaveCountAsync(0);
            await studio.OpenGalleryAsync();
            await Expect(studio.Gallery).ToHaveCountAsync(2);
            Assert.Empty(studio.Errors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task AServerWithKeysAsksForOneAndShowsItsPictures()
    {
        await using StudioServer server = await StudioServer.StartAsync(
            browser.Model, options => options.ApiKeys.Add("a-key-of-this-server"));
        await using IBrowserContext visitor = await browser.VisitAsync();
        Studio studio = await Studio.OpenAsync(visitor, server);
        await Expect(studio.Page.Locator("#key")).ToBeFocusedAsync();
        await Expect(studio.Page.Locator("#key-note")).ToContainTextAsync("asks for a key");
        await studio.Page.Locator("#key").FillAsync("a-wrong-key");
        await studio.Page.Locator("#key").PressAsync("Tab");
        await Expect(studio.Page.Locator("#key-note")).ToContainTextAsync("doesn’t know this key");
        await studio.Page.Locator("#key").FillAsync("a-key-of-this-server");
        await studio.Page.Locator("#settings button.primary").ClickAsync();
        await studio.SayAsync("a red star", 1);
        await studio.OpenGalleryAsync();
        await Studio.ShownAsync(studio.Gallery.First.Locator("img"));
        await studio.EnlargeAsync(studio.Gallery.First);
        Assert.Empty(studio.Errors);
    }

    [Fact]
    public async Task EverythingGoesByKeyboardAlone()
    {
        await using StudioServer server = await StudioServer.StartAsync(browser.Model);
        await using IBrowserContext visitor = await browser.VisitAsync();
        Studio studio = await Studio.OpenAsync(visitor, server);
        IKeyboard keys = studio.Page.Keyboard;

        // The first tab stop skips everything else and leads to the text field.
        await keys.PressAsync("Tab");
        await keys.PressAsync("Enter");
        await Expect(studio.Prompt).ToBeFocusedAsync();
        await keys.TypeAsync("a red star");
        await keys.PressAsync("Shift+Enter");
        await keys.TypeAsync("and a blue ring");
        Assert.Equal("a red star\nand a blue ring", await studio.Prompt.InputValueAsync());
        await keys.PressAsync("Enter");
        await studio.DrawnAsync(1);
        for (int i = 0;
            i < 30 && !await studio.Page.EvaluateAsync<bool>("() => document.activeElement.className === 'picture'");
            i++)
        {
            await keys.PressAsync("Shift+Tab");
        }

        await keys.PressAsync("Enter");
        await Expect(studio.Viewer).ToBeVisibleAsync();
        await studio.LeaveAsync();
        await Expect(studio.Pictures.First.Locator(".picture")).ToBeFocusedAsync();
        await keys.PressAsync("Tab");
        await keys.PressAsync("Enter");
        await Expect(studio.Attached).ToHaveCountAsync(1);
        await studio.Page.Locator("#tab-talk").FocusAsync();
        await keys.PressAsync("ArrowRight");
        await Expect(studio.Page.Locator("#tab-gallery")).ToBeFocusedAsync();
        await Expect(studio.Gallery).ToHaveCountAsync(1);
        await studio.Gallery.First.Locator("button").FocusAsync();
        await keys.PressAsync("Enter");
        await Expect(studio.Viewer).ToBeVisibleAsync();
        await keys.PressAsync("Escape");
        await Expect(studio.Viewer).ToBeHiddenAsync();
        await Expect(studio.Gallery.First.Locator("button")).ToBeFocusedAsync();
        Assert.Empty(studio.Errors);
    }

    [Theory]
    [InlineData(320, 568, ColorScheme.Light)]
    [InlineData(390, 844, ColorScheme.Dark)]
    [InlineData(1280, 800, ColorScheme.Dark)]
    public async Task NothingIsCutOffAndNothingIsClosedToAScreenReader(int width, int height, ColorScheme scheme)
    {
        await using StudioServer server = await StudioServer.StartAsync(browser.Model);
        await using IBrowserContext visitor = await browser.VisitAsync(new BrowserNewContextOptions
        {
            Locale = "en-US",
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            HasTouch = width < 500,
        });
        Studio studio = await Studio.OpenAsync(visitor, server);
        await CheckAsync(studio, "#talk");
        await studio.SayAsync("a red star left of a blue ring", 1);
        await Studio.EditAsync(studio.Pictures.First);
        await studio.SayAsync("make the ring green", 2);
        await CheckAsync(studio, "#talk");
        Assert.Equal(
            scheme == ColorScheme.Dark ? "dark" : "light",
            await studio.Page.Locator("html").GetAttributeAsync("data-theme"));
        await studio.Page.Locator("#open-settings").ClickAsync();
        await CheckAsync(studio, "#settings");
        await studio.Page.Locator("#open-about").ClickAsync();
        await Expect(studio.Page.Locator("#card h3").First).ToHaveTextAsync("nexus-gen-tiny");
        await CheckAsync(studio, "#about");
        await studio.Page.Keyboard.PressAsync("Escape");
        await studio.Pictures.Last.Locator("text=Compare").ClickAsync();
        await CheckAsync(studio, "#divider");
        await studio.LeaveAsync();
        await studio.Pictures.Last.Locator("text=History").ClickAsync();
        await Expect(studio.Page.Locator("#tree .node")).ToHaveCountAsync(2);
        await CheckAsync(studio, "#history");
        await studio.LeaveAsync();
        await studio.Pictures.Last.Locator("text=Details").ClickAsync();
        await CheckAsync(studio, "#details");
        await studio.LeaveAsync();
        await studio.OpenGalleryAsync();
        await CheckAsync(studio, "#gallery");
        await studio.Gallery.First.Locator("button").ClickAsync();
        await CheckAsync(studio, "#viewer");
        Assert.Empty(studio.Errors);
    }

    // Waits for animations to end; then checks the rules of axe, and that the page does not scroll sideways.
    internal static async Task CheckAsync(Studio studio, string part)
    {
        await Expect(studio.Page.Locator(part)).ToBeVisibleAsync();
        await studio.Page.WaitForTimeoutAsync(300);
        AxeResult result = await studio.Page.RunAxe();
        Assert.True(
            result.Violations.Length == 0,
            string.Join(
                "\n",
                result.Violations.Select(violation =>
                    $"{part}: {violation.Id}: {violation.Help}: {violation.Nodes[0].Html}")));
        Assert.True(await studio.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), part);
    }
}

using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>Tests of the LoRAs in the drawer, in a real browser.</summary>
public sealed class StudioLoraTests(Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    private const string Hostile = "<img src=x onerror=\"window.broken=1\">";

    private readonly LoraFiles _files = new();
    private StudioServer _server = null!;
    private IBrowserContext _visitor = null!;
    private Studio _studio = null!;

    private IPage Page => _studio.Page;

    private ILocator Drawer => Page.Locator("#settings");

    private ILocator Chosen => Page.Locator("#lora-list li");

    public async Task InitializeAsync()
    {
        _files.Write("style", 1);
        _files.Write("other", 2);
        _server = await StudioServer.StartAsync(browser.Model, options => options.Loras = _files.Folder);
        _visitor = await browser.VisitAsync();
        _studio = await Studio.OpenAsync(_visitor, _server);
    }

    public async Task DisposeAsync()
    {
        await _visitor.DisposeAsync();
        await _server.DisposeAsync();
        _files.Dispose();
        Assert.Empty(_studio.Errors);
    }

    [Fact]
    public async Task TheyAreChosenSentShownAndUsedAgain()
    {
        await Expect(Page.Locator("#with-loras")).ToBeHiddenAsync();
        await AddAsync("style");
        await Number("style").FillAsync("0.5");
        await AddAsync("other");
        await Expect(Page.Locator("#lora-more")).ToBeHiddenAsync();
        await CloseAsync();
        await Expect(Page.Locator("#with-loras")).ToHaveTextAsync("LoRAs: style 0.5, other 1");

        // They stay after a reload, and are sent.
        await Page.ReloadAsync();
        await Expect(Page.Locator("#with-loras")).ToHaveTextAsync("LoRAs: style 0.5, other 1");
        IRequest sent = await Page.RunAndWaitForRequestAsync(
            () => _studio.SayAsync("a red star", 1), request => request.Url.EndsWith("/turns", StringComparison.Ordinal));
        Assert.Contains(
            "\"loras\":[{\"name\":\"style\",\"strength\":0.5},{\"name\":\"other\",\"strength\":1}]", sent.PostData);
        await _studio.Pictures.First.Locator("text=Details").ClickAsync();
        Assert.Equal("style 0.5, other 1", await _studio.FactAsync("LoRAs"));
        await _studio.LeaveAsync();

        // Taken away, the next picture has none, and says so by having no such line.
        await Page.Locator("#with-loras").ClickAsync();
        await Expect(Drawer).ToBeVisibleAsync();
        await Chosen.First.Locator("button").ClickAsync();
        await Expect(Chosen).ToHaveCountAsync(1);
        await Expect(Chosen.First.Locator("button")).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Chosen).ToHaveCountAsync(0);
        await Expect(Page.Locator("#lora")).ToBeFocusedAsync();
        await CloseAsync();
        await _studio.ChooseAsync("draw");
        await _studio.SayAsync("a red star", 2);
        await _studio.Pictures.Last.Locator("text=Details").ClickAsync();
        await Expect(Page.Locator("#facts dt:text-is(\"LoRAs\")")).ToHaveCountAsync(0);
        await _studio.LeaveAsync();

        // The settings of the first picture bring them back.
        await _studio.Pictures.First.Locator("text=Details").ClickAsync();
        await Page.Locator("#actions >> text=Use settings").ClickAsync();
        await Expect(Page.Locator("#with-loras")).ToHaveTextAsync("LoRAs: style 0.5, other 1");
        await Page.Locator("#open-settings").ClickAsync();
        await Page.Locator("#defaults").ClickAsync();
        await Expect(Page.Locator("#with-loras")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task TheKeyboardChoosesAndSliderAndNumberAreOne()
    {
        await Page.Locator("#open-settings").ClickAsync();
        await Page.Locator("#lora").FocusAsync();
        await Page.Keyboard.PressAsync("ArrowDown");
        await Expect(Page.Locator("#lora")).ToHaveValueAsync("style");
        await Page.Keyboard.PressAsync("Tab");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Slider("style")).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("ArrowLeft");
        await Expect(Number("style")).ToHaveValueAsync("0.95");
        await Number("style").FillAsync("1.5");
        await Expect(Slider("style")).ToHaveValueAsync("1.5");

        // More than the slider has; what is none is not closed over.
        await Number("style").FillAsync("-7.25");
        await Number("style").FillAsync("");
        await Page.Keyboard.PressAsync("Escape");
        await Expect(Drawer).ToBeVisibleAsync();
        await Number("style").FillAsync("-7.25");
        await CloseAsync();
        await Expect(Page.Locator("#with-loras")).ToHaveTextAsync("LoRAs: style -7.25");
    }

    [Fact]
    public async Task FilesComeAndGoWhileThePageIsOpen()
    {
        await AddAsync("style");
        await CloseAsync();
        _files.Write(Hostile, 3);
        _files.Delete("style");
        await Page.Locator("#open-settings").ClickAsync();
        await Expect(Chosen.First.Locator(".note")).ToHaveTextAsync("Not on this server any more: remove it.");
        await Expect(Page.Locator("#lora option")).ToHaveTextAsync(new[] { Hostile, "other" });
        await CloseAsync();

        // Never drawn as without it.
        await _studio.Prompt.FillAsync("a red star");
        await _studio.Prompt.PressAsync("Enter");
        await Expect(_studio.Toast).ToContainTextAsync("not on this server any more");
        await Expect(_studio.Prompt).ToHaveValueAsync("a red star");
        await Page.Locator("#open-settings").ClickAsync();
        await Chosen.First.Locator("button").ClickAsync();
        await CloseAsync();
        await AddAsync(Hostile);
        await CloseAsync();
        await _studio.SayAsync("a red star", 1);
        await _studio.Pictures.First.Locator("text=Details").ClickAsync();
        Assert.Equal($"{Hostile} 1", await _studio.FactAsync("LoRAs"));
        Assert.Null(await Page.EvaluateAsync<object?>("() => window.broken"));
    }

    [Fact]
    public async Task AServerWithoutThemDoesNotShowThem()
    {
        await using StudioServer server = await StudioServer.StartAsync(browser.Model);
        await using IBrowserContext visitor = await browser.VisitAsync();
        Studio studio = await Studio.OpenAsync(visitor, server);
        await studio.Page.Locator("#open-settings").ClickAsync();
        await Expect(studio.Page.Locator("#model")).Not.ToBeEmptyAsync();
        await Expect(studio.Page.Locator("#loras")).ToBeHiddenAsync();
        Assert.Empty(studio.Errors);
    }

    [Theory]
    [InlineData(320, 568, ColorScheme.Light)]
    [InlineData(1280, 800, ColorScheme.Dark)]
    public async Task NothingIsCutOffAndNothingIsClosedToAScreenReader(int width, int height, ColorScheme scheme)
    {
        _files.Write("a-name-that-is-much-longer-than-the-drawer-is-wide-and-has-no-place-to-break", 4);
        await using IBrowserContext visitor = await browser.VisitAsync(new BrowserNewContextOptions
        {
            Locale = "zh-CN",
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            HasTouch = width < 500,
        });
        Studio studio = await Studio.OpenAsync(visitor, _server);
        await studio.Page.Locator("#open-settings").ClickAsync();
        for (int i = 0; i < 2; i++)
        {
            await studio.Page.Locator("#lora-add").ClickAsync();
        }

        await Expect(studio.Page.Locator("#loras legend")).ToHaveTextAsync("LoRA");
        await Expect(studio.Page.Locator("#lora-list input").First).ToHaveAttributeAsync(
            "aria-label", "a-name-that-is-much-longer-than-the-drawer-is-wide-and-has-no-place-to-break 的强度");
        await StudioReachTests.CheckAsync(studio, "#loras");
        Assert.True(await studio.Page.Locator("#settings").EvaluateAsync<bool>("box => box.scrollWidth <= box.clientWidth"));
        await studio.Page.Locator("#settings button.primary").ClickAsync();
        await StudioReachTests.CheckAsync(studio, "#with-loras");
        Assert.Empty(studio.Errors);
    }

    private ILocator Slider(string name) => Page.Locator($"#lora-list li[data-name={name}] input[type=range]");

    private ILocator Number(string name) => Page.Locator($"#lora-list li[data-name={name}] input[type=number]");

    private async Task AddAsync(string name)
    {
        if (!await Drawer.IsVisibleAsync())
        {
            await Page.Locator("#open-settings").ClickAsync();
        }

        await Page.Locator("#lora").SelectOptionAsync(name);
        await Page.Locator("#lora-add").ClickAsync();
        await Expect(Chosen.Last.Locator("input").First).ToBeFocusedAsync();
    }

    private async Task CloseAsync()
    {
        await Page.Locator("#settings button.primary").ClickAsync();
        await Expect(Drawer).ToBeHiddenAsync();
    }
}

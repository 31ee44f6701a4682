using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>Tests of the conversations that the server keeps: the side bar, Back, drafts, several tabs, closed pages.</summary>
public sealed class StudioConversationTests(Browser browser) : VisitorTest(browser)
{
    [Fact]
    public async Task ConversationsAreFoundRenamedDeletedAndRestored()
    {
        await Expect(Studio.Page.Locator("#no-conversations")).ToHaveTextAsync("No conversations yet.");
        await Studio.SayAsync("a red star", 1);
        await Studio.Page.Locator("#new").ClickAsync();
        await Expect(Studio.Pictures).ToHaveCountAsync(0);
        await Studio.SayAsync("a blue ring", 1);
        await Expect(Studio.Conversations).ToHaveTextAsync([new Regex("a blue ring"), new Regex("a red star")]);

        await Studio.Page.Locator("#find").FillAsync("star");
        await Expect(Studio.Conversations).ToHaveCountAsync(1);
        await Studio.Page.Locator("#find").FillAsync("heart");
        await Expect(Studio.Page.Locator("#no-conversations")).ToHaveTextAsync("Nothing found.");
        await Studio.Page.Locator("#find").FillAsync("");
        await Expect(Studio.Conversations).ToHaveCountAsync(2);

        await Studio.Page.Locator("#conversations [aria-label^='Rename']").ClickAsync();
        await Studio.Page.Locator("#conversations input").FillAsync("My ring");
        await Studio.Page.Locator("#conversations input").PressAsync("Enter");
        await Expect(Studio.Conversations.First).ToContainTextAsync("My ring");

        await Studio.Page.Locator("#conversations [aria-label^='Delete']").ClickAsync();
        await Expect(Studio.Conversations).ToHaveCountAsync(1);
        await Expect(Studio.Pictures).ToHaveCountAsync(0);
        await Studio.Toast.Locator("button").ClickAsync();
        await Expect(Studio.Conversations).ToHaveCountAsync(2);
        await Studio.DrawnAsync(1);
        await Expect(Studio.Page.Locator(".question .words")).ToHaveTextAsync("a blue ring");
    }

    [Fact]
    public async Task BackLeadsToWhatWasShownBeforeAndAReloadKeepsIt()
    {
        await Studio.SayAsync("a red star", 1);
        await Studio.Page.Locator("#new").ClickAsync();
        await Studio.SayAsync("a blue ring", 1);
        await Studio.OpenGalleryAsync();
        await Studio.Page.GoBackAsync();
        await Expect(Studio.Page.Locator(".question .words")).ToHaveTextAsync("a blue ring");
        await Studio.Conversations.Last.Locator("a").ClickAsync();
        await Expect(Studio.Page.Locator(".question .words")).ToHaveTextAsync("a red star");
        await Studio.Page.GoBackAsync();
        await Expect(Studio.Page.Locator(".question .words")).ToHaveTextAsync("a blue ring");
        await Studio.Page.ReloadAsync();
        await Expect(Studio.Page.Locator(".question .words")).ToHaveTextAsync("a blue ring");
        await Expect(Studio.Page.Locator("#conversations [aria-current]")).ToHaveTextAsync("a blue ring");
        await Studio.Page.GotoAsync(Server.Address + "#/c/0123456789abcdef");
        await Expect(Studio.Page.Locator(".welcome")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task AReplyComesThoughThePageWasClosed()
    {
        await StartLongAsync("a red star");
        string address = Studio.Page.Url;
        await Studio.Page.CloseAsync();
        Studio later = await Studio.OpenAsync(Visitor, Server);
        await later.Conversations.First.Locator("a").ClickAsync();
        await later.DrawnAsync(1);
        Assert.Equal(address, later.Page.Url);
        Assert.Empty(later.Errors);
    }

    [Fact]
    public async Task EveryTabShowsTheSame()
    {
        Studio other = await Studio.OpenAsync(Visitor, Server);
        await StartLongAsync("a red star", 1000);
        await other.Conversations.First.Locator("a").ClickAsync();
        await Expect(other.Page.Locator(".painting img")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await other.Page.Locator("#stop").ClickAsync();
        await Expect(Studio.Page.Locator(".answer .note")).ToContainTextAsync("Stopped.");
        await Expect(other.Page.Locator(".answer .note")).ToContainTextAsync("Stopped.");
        await Studio.SetAsync("steps", "");
        await Studio.SayAsync("a blue ring", 1);
        await other.DrawnAsync(1);
        await Expect(other.Page.Locator(".question")).ToHaveCountAsync(2);
        Assert.Empty(other.Errors);
    }

    [Fact]
    public async Task ADraftIsKeptForEachConversation()
    {
        await Studio.Prompt.FillAsync("a thought");
        await Studio.Page.ReloadAsync();
        await Expect(Studio.Prompt).ToHaveValueAsync("a thought");
        await Studio.SayAsync("a red star", 1);
        await Studio.Prompt.FillAsync("make it");
        await Studio.Page.Locator("#new").ClickAsync();
        await Expect(Studio.Prompt).ToHaveValueAsync("");
        await Studio.Conversations.First.Locator("a").ClickAsync();
        await Expect(Studio.Prompt).ToHaveValueAsync("make it");
    }

    [Fact]
    public async Task ATurnIsTakenBack()
    {
        await Studio.SayAsync("a red star", 1);
        await Studio.SayAsync("make the star blue", 2);
        await Studio.Page.Locator("#undo").ClickAsync();
        await Expect(Studio.Pictures).ToHaveCountAsync(1);
        await Expect(Studio.Prompt).ToHaveValueAsync("make the star blue");
        await Studio.Page.ReloadAsync();
        await Studio.DrawnAsync(1);
    }

    [Fact]
    public async Task WhoReadsFurtherUpIsLeftThere()
    {
        for (int i = 1; i <= 3; i++)
        {
            await Studio.ChooseAsync("draw");
            await Studio.SayAsync("a red star", i);
        }

        await StartLongAsync("a blue ring", 1000);
        await Studio.Page.Locator("#log").EvaluateAsync("log => { log.scrollTop = 0; }");
        await Expect(Studio.Page.Locator(".painting figcaption"))
            .ToHaveTextAsync(new Regex("^step [1-9][0-9]"), new() { Timeout = 60_000 });
        Assert.Equal(0, await Studio.Page.Locator("#log").EvaluateAsync<int>("log => log.scrollTop"));
    }

    [Fact]
    public async Task EnterOfAnInputMethodSendsNothing()
    {
        await Studio.Prompt.FillAsync("红色");
        await Studio.Prompt.EvaluateAsync(
            "field => field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }))");
        await Expect(Studio.Page.Locator(".question")).ToHaveCountAsync(0);
        await Studio.Prompt.FillAsync("");
        await Studio.SayAsync("一个红色的星星", 1);
        await Studio.Prompt.PressAsync("ArrowUp");
        await Expect(Studio.Prompt).ToHaveValueAsync("一个红色的星星");
    }

    [Fact]
    public async Task ThePageWorksWithoutStorageOfTheBrowser()
    {
        await using IBrowserContext strict = await Browser.VisitAsync();
        await strict.AddInitScriptAsync(
            "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } });");
        Studio studio = await Studio.OpenAsync(strict, Server);
        await studio.SetAsync("steps", "3");
        await studio.SayAsync("a red star", 1);
        await studio.Page.Locator("#theme").ClickAsync();
        await studio.Page.Locator("#language").ClickAsync();
        await Expect(studio.Page.Locator("#send")).ToHaveTextAsync("发送");
        Assert.Empty(studio.Errors);
    }

    [Fact]
    public async Task OnAPhoneTheSideBarOpensOverThePage()
    {
        await using IBrowserContext phone = await Browser.VisitAsync(new BrowserNewContextOptions
        {
            Locale = "en-US", ViewportSize = new ViewportSize { Width = 390, Height = 760 }, HasTouch = true,
        });
        Studio studio = await Studio.OpenAsync(phone, Server);
        await studio.SayAsync("a red star", 1);
        await Expect(studio.Page.Locator("#side")).ToBeHiddenAsync();
        await studio.Page.Locator("#menu").ClickAsync();
        await Expect(studio.Conversations).ToHaveCountAsync(1);
        await studio.Conversations.First.Locator("a").ClickAsync();
        await Expect(studio.Page.Locator("#side")).ToBeHiddenAsync();
        await studio.Page.Locator("#menu").ClickAsync();
        await studio.Page.Keyboard.PressAsync("Escape");
        await Expect(studio.Page.Locator("#side")).ToBeHiddenAsync();
        Assert.Empty(studio.Errors);
    }

    private async Task StartLongAsync(string text, int steps = 400)
    {
        await Studio.SetAsync("steps", $"{steps}");
        await Studio.Prompt.FillAsync(text);
        await Studio.Prompt.PressAsync("Enter");
        await Expect(Studio.Page.Locator(".painting img")).ToBeVisibleAsync(new() { Timeout = 60_000 });
    }
}

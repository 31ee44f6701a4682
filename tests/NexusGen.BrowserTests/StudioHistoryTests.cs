using System.Text.Json;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>Tests of the history of edits: the tree of what a picture was made from, and what was made from it.</summary>
public sealed class StudioHistoryTests(Browser browser) : VisitorTest(browser)
{
    private ILocator Nodes => Studio.Page.Locator("#tree .node");

    private ILocator Shown => Studio.Page.Locator("#tree .node[aria-current]");

    [Fact]
    public async Task TheHistoryIsATreeThatLeadsComparesAndBranches()
    {
        await Studio.SayAsync("a red star", 1);
        await Expect(History(0)).ToBeHiddenAsync();
        await Studio.SayAsync("make the star blue", 2);
        await Studio.SayAsync("make the star green", 3);
        await Studio.EditAsync(Studio.Pictures.Nth(1));
        await Studio.SayAsync("remove the star", 4);
        await History(2).ClickAsync();
        await Expect(Nodes).ToHaveTextAsync(
            ["drawn: a red star", "edited: make the star blue", "edited: make the star green", "edited: remove the star"]);
        await Expect(Shown).ToHaveTextAsync("edited: make the star green");

        // Edits that follow each other are one list, those of one picture another inside it.
        await Expect(Studio.Page.Locator("#tree > ol > li")).ToHaveCountAsync(2);
        await Expect(Studio.Page.Locator("#tree > ol > li > ul > li")).ToHaveCountAsync(2);

        await Nodes.First.ClickAsync();
        await Expect(Studio.Page.Locator("#viewer-title")).ToHaveTextAsync("a red star");
        await Expect(Shown).ToHaveTextAsync("drawn: a red star");
        await Expect(Nodes.First).ToBeFocusedAsync();
        await Expect(Studio.Page.Locator("#place")).ToHaveTextAsync("1 of 4");

        // Any two are compared: the first picture is shown, and the last one before it.
        await Studio.Page.Locator("#tree .to-compare").Last.ClickAsync();
        await Expect(Studio.Page.Locator("#divider")).ToBeFocusedAsync();
        await Studio.ShownAsync(Studio.Page.Locator("#before"));
        Assert.Contains(await IdAsync(3), await Studio.Page.Locator("#before").GetAttributeAsync("src"));
        Assert.Contains(await IdAsync(0), await Studio.Page.Locator("#after").GetAttributeAsync("src"));

        await Studio.Page.Locator("#tree .to-edit").Nth(1).ClickAsync();
        await Expect(Studio.Viewer).ToBeHiddenAsync();
        await Expect(Studio.Attached).ToHaveCountAsync(1);
        await Studio.SayAsync("make the star yellow", 5);
        await History(4).ClickAsync();
        await Expect(Studio.Page.Locator("#tree > ol > li > ul > li")).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task AHistoryIsOfferedOnlyIfThereIsOne()
    {
        await Studio.PretendSeedsMatterAsync();
        await Studio.SayAsync("a red star", 1);
        await Expect(History(0)).ToBeHiddenAsync();
        await Studio.Pictures.First.Locator("text=Variation").ClickAsync();
        await Studio.DrawnAsync(2);

        // What answers the same turn belongs together, as siblings.
        await History(1).ClickAsync();
        await Expect(Nodes).ToHaveCountAsync(2);
        await Expect(Studio.Page.Locator("#tree > ul > li")).ToHaveCountAsync(2);
        await Studio.LeaveAsync();
        await Studio.ChooseAsync("draw");
        await Studio.SayAsync("a blue ring", 3);
        await Expect(History(2)).ToBeHiddenAsync();
        await Studio.ChooseAsync("edit");
        await Studio.SayAsync("make the ring green", 4);
        await Expect(History(2)).ToBeVisibleAsync();
        await Expect(History(3)).ToBeVisibleAsync();

        // The gallery shows the same tree, and that there is none.
        await Studio.OpenGalleryAsync();
        await Studio.EnlargeAsync(Studio.Gallery.First);
        await Studio.Page.Locator("#to-history").ClickAsync();
        await Expect(Nodes).ToHaveCountAsync(2);
        await Studio.LeaveAsync();
        await Studio.DeleteAsync(Studio.Gallery.Nth(1));
        await Studio.EnlargeAsync(Studio.Gallery.First);
        await Studio.Page.Locator("#to-history").ClickAsync();
        await Expect(Studio.Page.Locator("#tree-note")).ToHaveTextAsync("This picture has no history yet.");
        await Expect(Studio.Page.Locator("#to-compare")).ToBeHiddenAsync();
        await Studio.LeaveAsync();
        await Studio.Page.Locator("#tab-talk").ClickAsync();
        await Expect(History(2)).ToBeHiddenAsync();
    }

    [Theory]
    [InlineData(50, false, 1280)]
    [InlineData(30, true, 1280)]
    [InlineData(50, false, 390)]
    [InlineData(30, true, 390)]
    public async Task ALongHistoryStaysUsable(int count, bool branches, int width)
    {
        await Studio.PretendSeedsMatterAsync();
        await Studio.Page.SetViewportSizeAsync(width, 760);
        await Studio.SayAsync("a red star", 1);
        await Studio.Pictures.First.Locator("text=Variation").ClickAsync();
        await Studio.DrawnAsync(2);
        string first = await IdAsync(0), last = await IdAsync(1);
        string[] ids = [first, .. Enumerable.Range(1, count - 1).Select(i => $"f{i}"), last];
        object[] family =
        [
            .. ids.Select((id, i) => new
            {
                id,
                number = i,
                created = 0,
                kind = i == 0 ? "drawn" : "edited",
                prompt = $"{i}: make the star a little larger, and move it to the right",
                source = i == 0 ? null : branches ? first : ids[i - 1],
                width = 112,
                height = 112,
            }),
        ];
        await Studio.Page.RouteAsync("**/family", route => route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = JsonSerializer.Serialize(new { pictures = family, more = true }),
        }));
        await History(1).ClickAsync();
        await Expect(Nodes).ToHaveCountAsync(count + 1);
        await Expect(Shown).ToBeInViewportAsync(new() { Ratio = 0.9f });
        await Expect(Studio.Page.Locator("#tree-note")).ToContainTextAsync("more pictures");
        Assert.True(await Studio.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"));
        LocatorBoundingBoxResult node = (await Shown.BoundingBoxAsync())!;
        Assert.True(node.X >= 0 && node.Width > 100 && node.X + node.Width <= width, $"{node.X} {node.Width}");

        // Keys go through the tree, and lead to another picture.
        await Shown.FocusAsync();
        await Studio.Page.Keyboard.PressAsync("ArrowUp");
        await Expect(Nodes.Nth(count - 1)).ToBeFocusedAsync();
        await Studio.Page.Keyboard.PressAsync("End");
        await Expect(Nodes.Last).ToBeFocusedAsync();
        await Studio.Page.Keyboard.PressAsync("Home");
        await Studio.Page.Keyboard.PressAsync("Enter");
        await Expect(Nodes.First).ToHaveAttributeAsync("aria-current", "true");
        await Expect(Shown).ToBeInViewportAsync(new() { Ratio = 0.9f });
        await Studio.Page.UnrouteAsync("**/family");
    }

    private ILocator History(int picture) => Studio.Pictures.Nth(picture).Locator(".history");

    private async Task<string> IdAsync(int picture) => (await Studio.Pictures.Nth(picture).GetAttributeAsync("data-picture"))!;
}

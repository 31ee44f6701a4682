using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>Tests of the gallery: favorites, filters, endless scrolling, place and focus.</summary>
public sealed class StudioGalleryTests(Browser browser) : GalleryTest(browser)
{
    [Fact]
    public async Task KindsFavoritesAndWordsNarrowTogetherAndStayInTheAddress()
    {
        await Studio.SayAsync("a red star", 1);
        await Studio.SayAsync("make the star blue", 2);
        await BringAsync("a star of mine.png", "a cat.png");
        await Studio.OpenGalleryAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(4);
        await Kind("edited").CheckAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(1);
        await Expect(Button(0)).ToHaveAccessibleNameAsync("make the star blue");
        await Kind("drawn").CheckAsync();
        await Expect(Button(0)).ToHaveAccessibleNameAsync("a red star");
        await Kind("brought").CheckAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(2);
        await Studio.Gallery.Filter(new() { HasText = "star" }).Locator(".star").CheckAsync();
        await Page.Locator("#favorites").CheckAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(1);
        await Page.Locator("#words").FillAsync("star mine");
        await Expect(Page).ToHaveURLAsync(new Regex("#/gallery\\?words=star\\+mine&kind=brought&favorite=true$"));

        // After a reload, and after another view.
        await Page.ReloadAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(1);
        await Expect(Page.Locator("#words")).ToHaveValueAsync("star mine");
        await Page.Locator("#tab-talk").ClickAsync();
        await Page.GoBackAsync();
        await Expect(Page.Locator("#gallery")).ToBeVisibleAsync();
        await Expect(Kind("brought")).ToBeCheckedAsync();
        await Page.Locator("#words").FillAsync("dog");
        await Expect(Page.Locator("#none")).ToHaveTextAsync("Nothing found.");
        await Expect(Page.Locator("#status")).ToHaveTextAsync("Nothing found.");
        await Page.Locator("#words").FillAsync("");

        // What is a favorite no longer leaves the favorites, and the focus stays in the gallery.
        await Studio.Gallery.Locator(".star").ClickAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(0);
        await Expect(Page.Locator("#words")).ToBeFocusedAsync();
        await Page.GotoAsync(Server.Address + "#/gallery?kind=stolen");
        await Expect(Studio.Gallery).ToHaveCountAsync(4);
        await Expect(Kind("")).ToBeCheckedAsync();
    }

    [Fact]
    public async Task AStarIsTheSameInTheDetailsAndInOtherTabs()
    {
        await BringAsync("a cat.png");
        Studio other = await Studio.OpenAsync(Visitor, Server);
        await other.OpenGalleryAsync();
        await Expect(other.Gallery.Locator(".star")).Not.ToBeCheckedAsync();
        await Studio.OpenGalleryAsync();
        await Button(0).ClickAsync();
        await Page.Locator("#details .star").CheckAsync();
        await Page.Keyboard.PressAsync("Escape");
        await Expect(Studio.Gallery.Locator(".star")).ToBeCheckedAsync();
        await Expect(other.Gallery.Locator(".star")).ToBeCheckedAsync();
        await Expect(other.Gallery.Locator(".star")).ToHaveAccessibleNameAsync("Favorite: a cat.png");

        // What the server refuses is not shown as done.
        await Page.RouteAsync("**/pictures/favorite", route => route.AbortAsync());
        await Studio.Gallery.Locator(".star").ClickAsync();
        await Expect(Studio.Toast).ToContainTextAsync("connection was lost");
        await Expect(Studio.Gallery.Locator(".star")).ToBeCheckedAsync();
        Assert.Empty(other.Errors);
    }

    [Fact]
    public async Task ItScrollsOnWithoutEndAndTriesAgainByTheButton()
    {
        await BringAsync([.. Enumerable.Range(1, 130).Select(i => $"picture {i}")]);
        await Studio.OpenGalleryAsync();
        await Expect(Button(47)).ToBeAttachedAsync();
        await Page.RouteAsync("**/studio/api/search", route => route.AbortAsync());
        int before = await Studio.Gallery.CountAsync();
        Assert.InRange(before, 48, 96);
        await Button(before - 1).ScrollIntoViewIfNeededAsync();
        await Expect(Studio.Toast).ToContainTextAsync("can’t be reached");
        await Expect(Page.Locator("#more")).ToBeVisibleAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(before);
        await Page.UnrouteAsync("**/studio/api/search");
        await Page.Locator("#more").ClickAsync();
        for (int i = 0; i < 30 && await Studio.Gallery.CountAsync() < 130; i++)
        {
            await Page.Locator("#gallery").EvaluateAsync("gallery => gallery.scrollTo(0, gallery.scrollHeight)");
            await Page.WaitForTimeoutAsync(200);
        }

        await Expect(Studio.Gallery).ToHaveCountAsync(130);
        await Expect(Page.Locator("#more")).ToBeHiddenAsync();
        string[] names = [.. await Page.Locator("#pictures .caption").AllInnerTextsAsync()];
        Assert.Equal(Enumerable.Range(1, 130).Reverse().Select(i => $"picture {i}"), names);
    }

    [Fact]
    public async Task PlaceAndFocusStayWhenAnotherTabAddsAndDeletes()
    {
        await BringAsync([.. Enumerable.Range(1, 130).Select(i => $"picture {i}")]);
        Studio other = await Studio.OpenAsync(Visitor, Server);
        await Studio.OpenGalleryAsync();
        await Expect(Button(47)).ToBeAttachedAsync();
        for (int i = 0; i < 30 && await Studio.Gallery.CountAsync() < 130; i++)
        {
            await Page.Locator("#gallery").EvaluateAsync("gallery => gallery.scrollTo(0, gallery.scrollHeight)");
            await Page.WaitForTimeoutAsync(200);
        }

        ILocator focused = Tile("picture 40").Locator("button");
        await focused.FocusAsync();
        await Tile("picture 40").EvaluateAsync("tile => { tile.mark = 'the same element'; }");
        double top = await TopAsync(focused);

        // A whole row more above and a picture less: the pictures of a grid all move.
        int row = await Page.EvaluateAsync<int>(
            "() => { const tiles = [...document.querySelectorAll('#pictures li')]; "
            + "return tiles.findIndex((tile) => tile.offsetTop > tiles[0].offsetTop); }");
        await BringAsync([.. Enumerable.Range(131, row).Select(i => $"picture {i}")]);
        await other.OpenGalleryAsync();
        await other.Page.Locator("#words").FillAsync("picture 89");
        await Expect(other.Gallery).ToHaveCountAsync(1);
        await other.DeleteAsync(other.Gallery.First);
        await Expect(Studio.Gallery).ToHaveCountAsync(129 + row);
        await Expect(focused).ToBeFocusedAsync();
        Assert.Equal("the same element", await Tile("picture 40").EvaluateAsync<string>("tile => tile.mark"));
        Assert.InRange(await TopAsync(focused), top - 3, top + 3);

        // Where the picture itself goes, the one in its place has the focus.
        await other.Page.Locator("#words").FillAsync("picture 40");
        await Expect(other.Gallery).ToHaveCountAsync(1);
        await other.DeleteAsync(other.Gallery.First);
        await Expect(Tile("picture 40")).ToHaveCountAsync(0);
        await Expect(Tile("picture 39").Locator("button")).ToBeFocusedAsync();
        Assert.Empty(other.Errors);
    }

    private static Task<double> TopAsync(ILocator element) =>
        element.EvaluateAsync<double>("element => element.getBoundingClientRect().top");
}

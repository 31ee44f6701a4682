using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>Tests of the gallery: several images at once, favorites, filters, endless scrolling, place and focus.</summary>
public sealed class StudioGalleryTests(Browser browser) : VisitorTest(browser)
{
    private IPage Page => Studio.Page;

    private ILocator Selected => Page.Locator("#pictures button[aria-pressed=true]");

    private ILocator Count => Page.Locator("#selected");

    [Fact]
    public async Task SeveralPicturesAreSavedMarkedAndDeletedWithOneQuestion()
    {
        await BringAsync("a cat.png", "../a dog.png", "a bird.png", "a fish.png");
        await Studio.OpenGalleryAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(4);
        await Page.Locator("#select").ClickAsync();
        await Expect(Count).ToHaveTextAsync("Selected: 0");
        await Page.Locator("#selected-remove").ClickAsync(new() { Force = true });
        await Expect(Studio.Gallery).ToHaveCountAsync(4);

        // In this mode a click selects and does not open.
        await Button(1).ClickAsync();
        await Button(2).ClickAsync();
        await Button(3).ClickAsync();
        await Button(1).ClickAsync();
        await Expect(Count).ToHaveTextAsync("Selected: 2");
        await Expect(Page.Locator("#details")).ToBeHiddenAsync();
        IDownload file = await Page.RunAndWaitForDownloadAsync(() => Page.Locator("#selected-save").ClickAsync());
        Assert.Equal("nexusgen-pictures.zip", file.SuggestedFilename);
        using (ZipArchive archive = ZipFile.OpenRead((await file.PathAsync())!))
        {
            Assert.Collection(
                archive.Entries,
                entry => Assert.Matches("^a-dog-[0-9a-f]{8}\\.png$", entry.FullName),
                entry => Assert.Matches("^a-cat-[0-9a-f]{8}\\.png$", entry.FullName));
        }

        await Page.Locator("#selected-favor").ClickAsync();
        await Expect(Page.Locator(".star:checked")).ToHaveCountAsync(2);
        await Expect(Page.Locator("#selected-favor")).ToHaveTextAsync("Remove from favorites");

        List<string> questions = [];
        Page.Dialog += async (_, dialog) =>
        {
            questions.Add(dialog.Message);
            await dialog.AcceptAsync();
        };
        await Page.Locator("#selected-remove").ClickAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(2);
        Assert.Equal(["Delete these 2 pictures for ever?"], questions);
        await Expect(Page.Locator("#selection")).ToBeHiddenAsync();
        await Expect(Button(1)).ToBeFocusedAsync();
        await Expect(Button(1)).ToHaveAccessibleNameAsync("a bird.png");
    }

    [Fact]
    public async Task SelectedPicturesBecomeTheSourceOfTheNextMessage()
    {
        await BringAsync("a cat.png", "a dog.png", "a bird.png");
        await Studio.OpenGalleryAsync();
        await Button(0).ClickAsync(new() { Modifiers = [KeyboardModifier.Control] });
        await Button(2).ClickAsync();
        await Page.Locator("#selected-use").ClickAsync();
        await Expect(Studio.Attached).ToHaveCountAsync(2);
        await Expect(Studio.Prompt).ToBeFocusedAsync();
        await Studio.OpenGalleryAsync();
        await Expect(Page.Locator("#selection")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task PicturesAreSelectedByKeyboardAndByRanges()
    {
        await BringAsync("1", "2", "3", "4", "5", "6");
        await Studio.OpenGalleryAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(6);
        await Button(0).FocusAsync();
        IKeyboard keys = Page.Keyboard;
        await keys.PressAsync("ArrowRight");
        await Expect(Button(1)).ToBeFocusedAsync();
        await keys.PressAsync("Shift+ArrowRight");
        await keys.PressAsync("Shift+ArrowRight");
        await Expect(Count).ToHaveTextAsync("Selected: 3");

        // A range becomes smaller too, and what was selected before it stays.
        await keys.PressAsync("Shift+ArrowLeft");
        await Expect(Count).ToHaveTextAsync("Selected: 2");
        await keys.PressAsync("Shift+Home");
        await Expect(Count).ToHaveTextAsync("Selected: 2");
        await keys.PressAsync("End");
        await Expect(Button(5)).ToBeFocusedAsync();
        await keys.PressAsync("Space");
        await Expect(Count).ToHaveTextAsync("Selected: 3");
        await Expect(Button(5)).ToHaveAttributeAsync("aria-pressed", "true");
        await keys.PressAsync("Control+a");
        await Expect(Count).ToHaveTextAsync("Selected: 6");
        await keys.PressAsync("Escape");
        await Expect(Page.Locator("#selection")).ToBeHiddenAsync();
        await Expect(Page.Locator("#select")).ToBeFocusedAsync();
        await Expect(Page.Locator("#pictures [aria-pressed]")).ToHaveCountAsync(0);

        await Button(1).ClickAsync(new() { Modifiers = [KeyboardModifier.Control] });
        await Button(4).ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await Expect(Selected).ToHaveCountAsync(4);
        await Button(2).ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await Expect(Selected).ToHaveCountAsync(2);

        // The arrows up and down keep the column.
        await keys.PressAsync("Escape");
        await Page.SetViewportSizeAsync(390, 844);
        int row = await Page.EvaluateAsync<int>(
            "() => { const tiles = [...document.querySelectorAll('#pictures li')]; "
            + "return tiles.findIndex((tile) => tile.offsetTop > tiles[0].offsetTop); }");
        Assert.InRange(row, 1, 4);
        await Button(1).FocusAsync();
        await keys.PressAsync("ArrowDown");
        await Expect(Button(1 + row)).ToBeFocusedAsync();
        await keys.PressAsync("ArrowUp");
        await Expect(Button(1)).ToBeFocusedAsync();
    }

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

    [Fact]
    public async Task WhatIsDeletedElsewhereIsNoLongerSelected()
    {
        await BringAsync("a cat.png", "a dog.png");
        Studio other = await Studio.OpenAsync(Visitor, Server);
        await Studio.OpenGalleryAsync();
        await Button(0).FocusAsync();
        await Page.Keyboard.PressAsync("Control+a");
        await Expect(Count).ToHaveTextAsync("Selected: 2");
        await other.OpenGalleryAsync();
        await other.DeleteAsync(other.Gallery.First);
        await Expect(Count).ToHaveTextAsync("Selected: 1");
        await Expect(Button(0)).ToBeFocusedAsync();
        await Expect(Button(0)).ToHaveAccessibleNameAsync("a cat.png");

        // The last one, in its own details: the focus goes to the search.
        await Page.Keyboard.PressAsync("Escape");
        await Studio.DeleteFirstAsync();
        await Expect(Page.Locator("#words")).ToBeFocusedAsync();
        await Expect(Page.Locator("#none")).ToHaveTextAsync("Nothing here yet.");
        Assert.Empty(other.Errors);
    }

    [Fact]
    public async Task FilesAreSavedWithoutParametersIfTheUserChoosesSo()
    {
        await Studio.SayAsync("a red star", 1);
        await Studio.SayAsync("a blue ring", 2);
        await Studio.OpenGalleryAsync();
        await Button(0).ClickAsync();
        Assert.Contains("tEXt", await SavedAsync("#actions >> text=Download"));
        ILocator choice = Page.Locator("#details").GetByRole(AriaRole.Switch, new() { Name = "Text and settings" });
        await choice.UncheckAsync();
        Assert.DoesNotContain("tEXt", await SavedAsync("#actions >> text=Download"));

        // It is remembered, and one for the whole page.
        await Page.Keyboard.PressAsync("Escape");
        await Page.Locator("#tab-talk").ClickAsync();
        Assert.DoesNotContain("tEXt", await SavedAsync("#log figure >> nth=0 >> text=Download"));
        await Studio.OpenGalleryAsync();
        await Page.ReloadAsync();
        await Page.Locator("#select").ClickAsync();
        await Expect(Page.Locator("#selection input[role=switch]")).Not.ToBeCheckedAsync();
        await Page.Locator("#select-all").ClickAsync();
        IDownload file = await Page.RunAndWaitForDownloadAsync(() => Page.Locator("#selected-save").ClickAsync());
        using (ZipArchive archive = ZipFile.OpenRead((await file.PathAsync())!))
        {
            Assert.Equal(2, archive.Entries.Count);
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                using var reader = new StreamReader(entry.Open(), System.Text.Encoding.Latin1);
                Assert.DoesNotContain("tEXt", await reader.ReadToEndAsync());
            }
        }
    }

    [Fact]
    public async Task APictureThatWasDrawnHereOffersItsTextAndSettings()
    {
        const string text = "a red star <img src=x onerror=alert(1)> for $& and $'";
        await Studio.SetAsync("steps", "3");
        await Studio.SetAsync("seed", "77");
        await Studio.ChooseAsync("draw");
        await Studio.SayAsync(text, 1);
        string id = (await Studio.Pictures.First.GetAttributeAsync("data-picture"))!;
        using var http = new HttpClient();
        byte[] file = await http.GetByteArrayAsync($"{Server.Address}studio/api/pictures/{id}/file");
        await Studio.SetAsync("steps", "");
        await Studio.SetAsync("seed", "");
        await Page.Locator("#new").ClickAsync();
        ILocator offer = Page.Locator("#offer");
        await Expect(offer).ToBeHiddenAsync();
        await ChooseFileAsync(file);
        await Expect(Studio.Attached).ToHaveCountAsync(1);
        await Expect(offer).ToContainTextAsync("This picture says how it was drawn:");
        await Expect(offer.Locator("q")).ToHaveTextAsync(text);
        await offer.Locator("text=Use its text").ClickAsync();
        await Expect(Studio.Prompt).ToHaveValueAsync(text);
        await Expect(Page.Locator("#seed")).ToHaveValueAsync("");
        await offer.Locator("text=Use its settings").ClickAsync();
        await Expect(Page.Locator("#seed")).ToHaveValueAsync("77");
        await Expect(Page.Locator("#steps")).ToHaveValueAsync("3");
        await StudioReachTests.CheckAsync(Studio, "#offer");

        // Without the picture there is no offer, and none for other pictures.
        await Page.Locator("#attached button").ClickAsync();
        await Expect(offer).ToBeHiddenAsync();
        await ChooseFileAsync(await File.ReadAllBytesAsync(
            Path.Combine(Browser.Repository, "tests", "reference", "images", "cat.png")));
        await Expect(Studio.Attached).ToHaveCountAsync(1);
        await Expect(offer).ToBeHiddenAsync();
    }

    [Theory]
    [InlineData(320, 568, ColorScheme.Light, "en-US")]
    [InlineData(390, 844, ColorScheme.Dark, "zh-CN")]
    [InlineData(1280, 800, ColorScheme.Light, "en-US")]
    public async Task TheSelectionIsOpenToAScreenReaderAndFitsAPhone(int width, int height, ColorScheme scheme, string locale)
    {
        await BringAsync("a cat.png", "a dog.png", "a bird.png");
        await using IBrowserContext visitor = await Browser.VisitAsync(new BrowserNewContextOptions
        {
            Locale = locale,
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            HasTouch = width < 500,
        });
        Studio studio = await Studio.OpenAsync(visitor, Server);
        await studio.OpenGalleryAsync();
        await Expect(studio.Gallery).ToHaveCountAsync(3);
        await studio.Gallery.First.Locator(".star").CheckAsync();
        await StudioReachTests.CheckAsync(studio, "#filters");
        await studio.Page.Locator("#select").ClickAsync();
        await StudioReachTests.CheckAsync(studio, "#selection");
        await studio.Page.Locator("#select-all").ClickAsync();
        await Expect(studio.Page.Locator("#pictures button[aria-pressed=true]")).ToHaveCountAsync(3);
        await StudioReachTests.CheckAsync(studio, "#selection");
        if (locale == "zh-CN")
        {
            string said = await studio.Page.Locator("#filters").InnerTextAsync()
                + await studio.Page.Locator("#selection").InnerTextAsync();
            Assert.DoesNotMatch("[A-Za-z]", said);
        }

        await studio.Page.Locator("#select").ClickAsync();
        await studio.Gallery.First.Locator("button").ClickAsync();
        await StudioReachTests.CheckAsync(studio, "#viewer");
        Assert.Empty(studio.Errors);
    }

    private static Task<double> TopAsync(ILocator element) =>
        element.EvaluateAsync<double>("element => element.getBoundingClientRect().top");

    private ILocator Button(int place) => Studio.Gallery.Nth(place).Locator("button");

    private ILocator Kind(string kind) => Page.Locator($"#kinds input[value='{kind}']");

    private ILocator Tile(string name) =>
        Studio.Gallery.Filter(new() { Has = Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }) });

    private Task ChooseFileAsync(byte[] file) => Page.Locator("#file").SetInputFilesAsync(
        new FilePayload { Name = "saved.png", MimeType = "image/png", Buffer = file });

    private async Task<string> SavedAsync(string button)
    {
        IDownload file = await Page.RunAndWaitForDownloadAsync(() => Page.Locator(button).ClickAsync());
        return System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync((await file.PathAsync())!));
    }

    // Adds small images to the gallery, as another client of the same user does.
    private Task BringAsync(params string[] names) => Page.EvaluateAsync(
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

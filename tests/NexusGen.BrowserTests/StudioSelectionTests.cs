using System.IO.Compression;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>Tests of several images of the gallery at once.</summary>
public sealed class StudioSelectionTests(Browser browser) : GalleryTest(browser)
{
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
}

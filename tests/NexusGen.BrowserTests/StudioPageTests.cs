using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>Tests of what a user does in the studio, in a real browser.</summary>
public sealed class StudioPageTests(Browser browser) : VisitorTest(browser)
{
    [Fact]
    public async Task APictureAppearsStepByStepAndIsEditedByWords()
    {
        await Studio.SetAsync("steps", "400");
        await Studio.Prompt.FillAsync("a red star left of a blue ring");
        await Studio.Prompt.PressAsync("Enter");
        await Expect(Studio.Page.Locator(".painting img"))
            .ToHaveAttributeAsync("src", new Regex("^data:image/png"), new() { Timeout = 60_000 });
        await Expect(Studio.Page.Locator(".painting figcaption")).ToHaveTextAsync(new Regex(@"^step \d+ of 400"));
        await Studio.DrawnAsync(1);
        await Expect(Studio.Page.Locator(".answer .words")).ToContainTextAsync("image");
        await Expect(Studio.Page.Locator(".painting")).ToHaveCountAsync(0);

        await Studio.SetAsync("steps", "");
        await Studio.EditAsync(Studio.Pictures.First);
        await Expect(Studio.Attached).ToHaveCountAsync(1);
        await Expect(Studio.Prompt).ToBeFocusedAsync();
        await Studio.SayAsync("make the ring green", 2);

        await Expect(Studio.Page.Locator(".question img")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task WhatTheNextMessageChangesIsShownAndCanBeTakenAway()
    {
        await Expect(Studio.Source).ToHaveCountAsync(0);
        await Studio.SayAsync("a red star", 1);
        await Expect(Studio.Source).ToContainTextAsync("Changes:");
        await Studio.SayAsync("make the star blue", 2);
        await Expect(Studio.Pictures.Last.Locator("text=Compare")).ToBeVisibleAsync();

        // Taken away, the message draws something new.
        await Studio.Source.Locator("button").ClickAsync();
        await Expect(Studio.Source).ToHaveCountAsync(0);
        await Studio.SayAsync("a green circle", 3);
        await Expect(Studio.Pictures.Last.Locator("text=Compare")).ToHaveCountAsync(0);
        await Expect(Studio.Source).ToContainTextAsync("Changes:");

        await Studio.ChooseAsync("draw");
        await Expect(Studio.Source).ToHaveCountAsync(0);
        await Studio.ChooseAsync("ask");
        await Expect(Studio.Source).ToContainTextAsync("About:");
        await Studio.Prompt.FillAsync("What colour is the circle?");
        await Studio.Prompt.PressAsync("Enter");
        await Expect(Studio.Page.Locator(".answer .words").Last).ToHaveTextAsync(new Regex("."), new() { Timeout = 60_000 });
        await Expect(Studio.Pictures).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task AnEditNeedsAPicture()
    {
        await Studio.ChooseAsync("edit");
        await Studio.Prompt.FillAsync("make it blue");
        await Studio.Prompt.PressAsync("Enter");
        await Expect(Studio.Page.Locator("#attached .note")).ToContainTextAsync("no picture to edit");
        await Expect(Studio.Prompt).ToHaveValueAsync("make it blue");
    }

    [Fact]
    public async Task ItStopsAtOnceAndTriesAgain()
    {
        await Studio.SetAsync("steps", "400");
        await Studio.Prompt.FillAsync("a red star");
        await Studio.Prompt.PressAsync("Enter");
        await Expect(Studio.Page.Locator(".painting img")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Studio.Page.Locator("#stop").ClickAsync();
        await Expect(Studio.Page.Locator(".answer .note")).ToContainTextAsync("Stopped.");
        await Expect(Studio.Pictures).ToHaveCountAsync(0);
        await Studio.SetAsync("steps", "4");
        await Studio.Page.Locator(".answer .note button").ClickAsync();
        await Studio.DrawnAsync(1);
        await Expect(Studio.Page.Locator(".answer .note")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task PicturesAreBroughtByFileByDropAndByPaste()
    {
        string picture = Path.Combine(Browser.Repository, "tests", "reference", "images", "cat.png");
        await Studio.Page.Locator("#file").SetInputFilesAsync(picture);
        await Expect(Studio.Attached).ToHaveCountAsync(1);
        const string make = """
            async (text) => {
              const canvas = new OffscreenCanvas(56, 56);
              canvas.getContext('2d').fillRect(8, 8, 20, 20);
              const data = new DataTransfer();
              data.items.add(new File([await canvas.convertToBlob()], text + '.png', { type: 'image/png' }));
              return data;
            }
            """;
        await Studio.Page.EvaluateAsync(
            $"async () => {{ const data = await ({make})('dropped'); "
            + "for (const name of ['dragenter', 'dragover', 'drop']) "
            + $"document.body.dispatchEvent(new DragEvent(name, {{ dataTransfer: data, bubbles: true, cancelable: true }})); }}");
        await Expect(Studio.Attached).ToHaveCountAsync(2);
        await Studio.Page.EvaluateAsync(
            $"async () => {{ const data = await ({make})('pasted'); document.body.dispatchEvent("
            + $"new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }})); }}");
        await Expect(Studio.Attached).ToHaveCountAsync(3);
        await Studio.Page.Locator("#attached button").First.ClickAsync();
        await Expect(Studio.Attached).ToHaveCountAsync(2);
        await Studio.Prompt.FillAsync("are the two pictures the same?");
        await Studio.Page.Locator("#send").ClickAsync();
        await Expect(Studio.Page.Locator(".answer .words")).Not.ToBeEmptyAsync(new() { Timeout = 60_000 });

        // A file that is not an image is refused, with a message beside its name.
        await Studio.Page.Locator("#file").SetInputFilesAsync(new FilePayload
        {
            Name = "notes.png",
            MimeType = "image/png",
            Buffer = "no picture"u8.ToArray()
        });
        await Expect(Studio.Page.Locator("#attached .note")).ToContainTextAsync("notes.png");
    }

    [Fact]
    public async Task TheGalleryIsSearchedSavedFromAndDeletedFrom()
    {
        await Studio.SayAsync("a red star", 1);
        await Studio.SayAsync("a blue ring", 2);
        await Studio.OpenGalleryAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(2);
        await Studio.Page.Locator("#words").FillAsync("star");
        await Expect(Studio.Gallery).ToHaveCountAsync(1);
        await Studio.Gallery.First.Locator("button").ClickAsync();
        IDownload file = await Studio.Page.RunAndWaitForDownloadAsync(
            () => Studio.Page.Locator("#actions >> text=Download").ClickAsync());
        Assert.Matches(@"^nexusgen-[0-9a-f]+\.png$", file.SuggestedFilename);
        Studio.Page.Dialog += async (_, dialog) => await dialog.AcceptAsync();
        await Studio.Page.Locator("#actions >> text=Delete").ClickAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(0);
        await Expect(Studio.Page.Locator("#none")).ToHaveTextAsync("Nothing found.");
        await Studio.Page.Locator("#words").FillAsync("");
        await Expect(Studio.Gallery).ToHaveCountAsync(1);
        await Studio.Gallery.First.Locator("button").ClickAsync();
        await Studio.Page.Locator("#actions >> text=Edit").ClickAsync();
        await Expect(Studio.Attached).ToHaveCountAsync(1);
        await Expect(Studio.Prompt).ToBeFocusedAsync();
    }

    [Fact]
    public async Task TheWholePageSpeaksChineseAndRemembersIt()
    {
        await Studio.SayAsync("a red star", 1);
        await Studio.Page.Locator("#language").ClickAsync();
        await Expect(Studio.Page.Locator("html")).ToHaveAttributeAsync("lang", "zh-Hans");
        await Expect(Studio.Page.Locator("#send")).ToHaveTextAsync("发送");
        await Expect(Studio.Pictures.First).ToContainTextAsync("编辑");
        await Studio.Page.ReloadAsync();
        await Expect(Studio.Page.Locator("#tab-gallery")).ToHaveTextAsync("图库");
        await Studio.Page.Locator("#open-settings").ClickAsync();
        string drawer = await Studio.Page.Locator("#settings").InnerTextAsync();
        Assert.DoesNotMatch("[A-Za-z]{3,}", drawer.Replace("English", "", StringComparison.Ordinal));
        await Studio.Page.Locator("#interface").SelectOptionAsync("en");
        await Expect(Studio.Page.Locator("#send")).ToHaveTextAsync("Send");

        await using IBrowserContext chinese = await Browser.VisitAsync(new BrowserNewContextOptions { Locale = "zh-CN" });
        Studio other = await Studio.OpenAsync(chinese, Server);
        await Expect(other.Page.Locator("#send")).ToHaveTextAsync("发送");
    }

    [Fact]
    public async Task AnotherLanguageInTheMiddleOfAPictureLosesNothing()
    {
        await Studio.SetAsync("steps", "400");
        await Studio.Prompt.FillAsync("a red star");
        await Studio.Prompt.PressAsync("Enter");
        await Expect(Studio.Page.Locator(".painting img")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Studio.Page.Locator("#language").ClickAsync();
        await Studio.DrawnAsync(1);
        await Expect(Studio.Page.Locator(".answer .note")).ToHaveCountAsync(0);
        await Expect(Studio.Pictures.First).ToContainTextAsync("编辑");
    }

    [Fact]
    public async Task WordsOfUsersAndFilesStayWords()
    {
        const string hostile = "<img src=x onerror=\"window.broken=1\"><script>window.broken=2</script>\"'`${window.broken=3}";
        await Studio.ChooseAsync("draw");
        await Studio.SayAsync(hostile, 1);
        await Expect(Studio.Page.Locator(".question .words")).ToHaveTextAsync(hostile);
        await Studio.Page.Locator("#file").SetInputFilesAsync(new FilePayload
        {
            Name = "\"><img src=x onerror=window.broken=4>.png",
            MimeType = "image/png",
            Buffer = await File.ReadAllBytesAsync(Path.Combine(Browser.Repository, "tests", "reference", "images", "cat.png")),
        });
        await Expect(Studio.Attached).ToHaveCountAsync(1);
        await Studio.OpenGalleryAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(2);
        await Expect(Studio.Gallery.First).ToContainTextAsync("onerror=window.broken=4");
        await Studio.Gallery.Last.Locator("button").ClickAsync();
        Assert.Equal(hostile, await Studio.FactAsync("Text"));
        Assert.Null(await Studio.Page.EvaluateAsync<int?>("() => window.broken ?? null"));
        Assert.Equal(0, await Studio.Page.Locator("img[src='x'], #log script, #pictures script").CountAsync());
    }

    [Fact]
    public async Task APictureOfFiftyMegapixelsIsTaken()
    {
        // As large as a phone or a camera makes it: the page scales it down before it is sent.
        await Studio.Page.EvaluateAsync("""
            async () => {
              const canvas = new OffscreenCanvas(8660, 5774);
              const context = canvas.getContext('2d');
              context.fillStyle = 'white';
              context.fillRect(0, 0, 8660, 5774);
              context.fillStyle = 'red';
              context.fillRect(3000, 1500, 2500, 2500);
              const data = new DataTransfer();
              data.items.add(new File([await canvas.convertToBlob()], 'large.png', { type: 'image/png' }));
              document.getElementById('file').files = data.files;
              document.getElementById('file').dispatchEvent(new Event('change'));
            }
            """);
        await Expect(Studio.Attached).ToHaveCountAsync(1, new() { Timeout = 60_000 });
        await Studio.OpenGalleryAsync();
        await Studio.Gallery.First.Locator("button").ClickAsync();
        Assert.Equal("2048×1365", await Studio.FactAsync("Size"));
    }

    [Fact]
    public async Task KeysLeadToTheFieldAndToTheirList()
    {
        await Studio.OpenGalleryAsync();
        await Studio.Page.Keyboard.PressAsync("?");
        await Expect(Studio.Page.Locator("#help")).ToBeVisibleAsync();
        await Studio.Page.Keyboard.PressAsync("Escape");
        await Studio.Page.Keyboard.PressAsync("/");
        await Expect(Studio.Prompt).ToBeFocusedAsync();
        await Studio.Page.Keyboard.TypeAsync("what is this?/");
        await Expect(Studio.Prompt).ToHaveValueAsync("what is this?/");
        await Expect(Studio.Page.Locator("#help")).ToBeHiddenAsync();
    }
}

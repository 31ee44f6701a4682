using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>What a user does with the studio, in a real browser.</summary>
public sealed class StudioPageTests(Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    private StudioServer _server = null!;
    private IBrowserContext _visitor = null!;
    private Studio _studio = null!;

    public async Task InitializeAsync()
    {
        _server = await StudioServer.StartAsync(browser.Model);
        _visitor = await browser.VisitAsync();
        _studio = await Studio.OpenAsync(_visitor, _server);
    }

    public async Task DisposeAsync()
    {
        await _visitor.DisposeAsync();
        await _server.DisposeAsync();
        Assert.Empty(_studio.Errors);
    }

    [Fact]
    public async Task APictureAppearsStepByStepAndIsEditedByWords()
    {
        await _studio.SetAsync("steps", "60");
        await _studio.Prompt.FillAsync("a red star left of a blue ring");
        await _studio.Prompt.PressAsync("Enter");
        await Expect(_studio.Page.Locator(".painting img")).ToHaveAttributeAsync("src", new Regex("^data:image/png"), new() { Timeout = 60_000 });
        await Expect(_studio.Page.Locator(".painting figcaption")).ToHaveTextAsync(new Regex(@"^step \d+ of 60$"));
        await _studio.DrawnAsync(1);
        await Expect(_studio.Page.Locator(".answer .words")).ToContainTextAsync("image");
        await Expect(_studio.Page.Locator(".painting")).ToHaveCountAsync(0);

        await _studio.SetAsync("steps", "");
        await _studio.Pictures.First.Locator(".picture").ClickAsync();
        await Expect(_studio.Attached).ToHaveCountAsync(1);
        await Expect(_studio.Prompt).ToBeFocusedAsync();
        await _studio.SayAsync("make the ring green", 2);

        // The left of the slider shows the picture before, the right the one after it.
        await _studio.Pictures.Last.Locator("text=Compare").ClickAsync();
        await Studio.ShownAsync(_studio.Page.Locator("#before"));
        string before = await ClipAsync();
        await _studio.Page.Locator("#slider").FocusAsync();
        await _studio.Page.Keyboard.PressAsync("End");
        string after = await ClipAsync();
        Assert.NotEqual(before, after);
        Assert.StartsWith("inset(0px", after);
        Assert.NotEqual(await _studio.Page.Locator("#before").GetAttributeAsync("src"), await _studio.Page.Locator("#after").GetAttributeAsync("src"));
    }

    [Fact]
    public async Task AnotherSeedDrawsAVariationAndTheDrawerDecidesHow()
    {
        await _studio.SetAsync("steps", "3");
        await _studio.SetAsync("seed", "77");
        await _studio.SayAsync("一个红色的星星", 1);
        await _studio.Pictures.First.Locator("text=Details").ClickAsync();
        Assert.Equal(("77", "3", "一个红色的星星"), (await _studio.FactAsync("Seed"), await _studio.FactAsync("Steps"), await _studio.FactAsync("Text")));
        await _studio.Page.Locator("#details button.primary").ClickAsync();
        await _studio.Pictures.First.Locator("text=Variation").ClickAsync();
        await _studio.DrawnAsync(2);
        await _studio.Pictures.Last.Locator("text=Details").ClickAsync();
        Assert.NotEqual("77", await _studio.FactAsync("Seed"));
        await _studio.Page.Keyboard.PressAsync("Escape");

        // The conversation and the drawer are there after the page was loaded again.
        await _studio.Page.ReloadAsync();
        await _studio.DrawnAsync(2);
        Assert.Equal("3", await _studio.Page.Locator("#steps").InputValueAsync());
        await _studio.Page.Locator("#new").ClickAsync();
        await Expect(_studio.Pictures).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task ItStopsAtOnceAndTriesAgain()
    {
        await _studio.SetAsync("steps", "100");
        await _studio.Prompt.FillAsync("a red star");
        await _studio.Prompt.PressAsync("Enter");
        await Expect(_studio.Page.Locator(".painting img")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await _studio.Page.Locator("#stop").ClickAsync();
        await Expect(_studio.Page.Locator(".answer .note")).ToContainTextAsync("Stopped.");
        await Expect(_studio.Pictures).ToHaveCountAsync(0);
        await _studio.SetAsync("steps", "4");
        await _studio.Page.Locator(".answer .note button").ClickAsync();
        await _studio.DrawnAsync(1);
        await Expect(_studio.Page.Locator(".answer .note")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task PicturesAreBroughtByFileByDropAndByPaste()
    {
        string picture = Path.Combine(Browser.Repository, "tests", "reference", "images", "cat.png");
        await _studio.Page.Locator("#file").SetInputFilesAsync(picture);
        await Expect(_studio.Attached).ToHaveCountAsync(1);
        const string make = """
            async (text) => {
              const canvas = new OffscreenCanvas(56, 56);
              canvas.getContext('2d').fillRect(8, 8, 20, 20);
              const data = new DataTransfer();
              data.items.add(new File([await canvas.convertToBlob()], text + '.png', { type: 'image/png' }));
              return data;
            }
            """;
        await _studio.Page.EvaluateAsync($"async () => {{ const data = await ({make})('dropped'); for (const name of ['dragenter', 'dragover', 'drop']) document.body.dispatchEvent(new DragEvent(name, {{ dataTransfer: data, bubbles: true, cancelable: true }})); }}");
        await Expect(_studio.Attached).ToHaveCountAsync(2);
        await _studio.Page.EvaluateAsync($"async () => {{ const data = await ({make})('pasted'); document.body.dispatchEvent(new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }})); }}");
        await Expect(_studio.Attached).ToHaveCountAsync(3);
        await _studio.Page.Locator("#attached button").First.ClickAsync();
        await Expect(_studio.Attached).ToHaveCountAsync(2);
        await _studio.Prompt.FillAsync("are the two pictures the same?");
        await _studio.Page.Locator("#send").ClickAsync();
        await Expect(_studio.Page.Locator(".answer .words")).Not.ToBeEmptyAsync(new() { Timeout = 60_000 });

        // What is no picture is refused beside its name.
        await _studio.Page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = "notes.png", MimeType = "image/png", Buffer = "no picture"u8.ToArray() });
        await Expect(_studio.Page.Locator("#attached .note")).ToContainTextAsync("notes.png");
    }

    [Fact]
    public async Task TheGalleryIsSearchedSavedFromAndDeletedFrom()
    {
        await _studio.SayAsync("a red star", 1);
        await _studio.SayAsync("a blue ring", 2);
        await _studio.OpenGalleryAsync();
        await Expect(_studio.Gallery).ToHaveCountAsync(2);
        await _studio.Page.Locator("#words").FillAsync("star");
        await Expect(_studio.Gallery).ToHaveCountAsync(1);
        await _studio.Gallery.First.Locator("button").ClickAsync();
        IDownload file = await _studio.Page.RunAndWaitForDownloadAsync(() => _studio.Page.Locator("#actions >> text=Download").ClickAsync());
        Assert.Matches(@"^nexusgen-[0-9a-f]+\.png$", file.SuggestedFilename);
        _studio.Page.Dialog += async (_, dialog) => await dialog.AcceptAsync();
        await _studio.Page.Locator("#actions >> text=Delete").ClickAsync();
        await Expect(_studio.Gallery).ToHaveCountAsync(0);
        await Expect(_studio.Page.Locator("#none")).ToHaveTextAsync("Nothing here yet.");
        await _studio.Page.Locator("#words").FillAsync("");
        await Expect(_studio.Gallery).ToHaveCountAsync(1);
        await _studio.Gallery.First.Locator("button").ClickAsync();
        await _studio.Page.Locator("#actions >> text=Edit").ClickAsync();
        await Expect(_studio.Attached).ToHaveCountAsync(1);
        await Expect(_studio.Prompt).ToBeFocusedAsync();
    }

    [Fact]
    public async Task TheWholePageSpeaksChineseAndRemembersIt()
    {
        await _studio.SayAsync("a red star", 1);
        await _studio.Page.Locator("#language").ClickAsync();
        await Expect(_studio.Page.Locator("html")).ToHaveAttributeAsync("lang", "zh-Hans");
        await Expect(_studio.Page.Locator("#send")).ToHaveTextAsync("发送");
        await Expect(_studio.Pictures.First).ToContainTextAsync("再画一张");
        await _studio.Page.ReloadAsync();
        await Expect(_studio.Page.Locator("#tab-gallery")).ToHaveTextAsync("图库");
        await _studio.Page.Locator("#open-settings").ClickAsync();
        string drawer = await _studio.Page.Locator("#settings").InnerTextAsync();
        Assert.DoesNotMatch("[A-Za-z]{3,}", drawer.Replace("English", "", StringComparison.Ordinal));
        await _studio.Page.Locator("#interface").SelectOptionAsync("en");
        await Expect(_studio.Page.Locator("#send")).ToHaveTextAsync("Send");

        await using IBrowserContext chinese = await browser.VisitAsync(new BrowserNewContextOptions { Locale = "zh-CN" });
        Studio other = await Studio.OpenAsync(chinese, _server);
        await Expect(other.Page.Locator("#send")).ToHaveTextAsync("发送");
    }

    [Fact]
    public async Task AnotherLanguageInTheMiddleOfAPictureLosesNothing()
    {
        await _studio.SetAsync("steps", "60");
        await _studio.Prompt.FillAsync("a red star");
        await _studio.Prompt.PressAsync("Enter");
        await Expect(_studio.Page.Locator(".painting img")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await _studio.Page.Locator("#language").ClickAsync();
        await _studio.DrawnAsync(1);
        await Expect(_studio.Page.Locator(".answer .note")).ToHaveCountAsync(0);
        await Expect(_studio.Pictures.First).ToContainTextAsync("再画一张");
    }

    [Fact]
    public async Task WordsOfUsersAndFilesStayWords()
    {
        const string hostile = "<img src=x onerror=\"window.broken=1\"><script>window.broken=2</script>\"'`${window.broken=3}";
        await _studio.Page.Locator("#always-draw").CheckAsync();
        await _studio.SayAsync(hostile, 1);
        await Expect(_studio.Page.Locator(".question .words")).ToHaveTextAsync(hostile);
        await _studio.Page.Locator("#file").SetInputFilesAsync(new FilePayload
        {
            Name = "\"><img src=x onerror=window.broken=4>.png",
            MimeType = "image/png",
            Buffer = await File.ReadAllBytesAsync(Path.Combine(Browser.Repository, "tests", "reference", "images", "cat.png")),
        });
        await Expect(_studio.Attached).ToHaveCountAsync(1);
        await _studio.OpenGalleryAsync();
        await Expect(_studio.Gallery).ToHaveCountAsync(2);
        await Expect(_studio.Gallery.First).ToContainTextAsync("onerror=window.broken=4");
        await _studio.Gallery.Last.Locator("button").ClickAsync();
        Assert.Equal(hostile, await _studio.FactAsync("Text"));
        Assert.Null(await _studio.Page.EvaluateAsync<int?>("() => window.broken ?? null"));
        Assert.Equal(0, await _studio.Page.Locator("img[src='x'], #log script, #pictures script").CountAsync());
    }

    [Fact]
    public async Task APictureOfFiftyMegapixelsIsTaken()
    {
        // As a phone or a camera makes it: the page makes it smaller before it is sent.
        await _studio.Page.EvaluateAsync("""
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
        await Expect(_studio.Attached).ToHaveCountAsync(1, new() { Timeout = 60_000 });
        await _studio.OpenGalleryAsync();
        await _studio.Gallery.First.Locator("button").ClickAsync();
        Assert.Equal("2048×1365", await _studio.FactAsync("Size"));
    }

    [Fact]
    public async Task TabsOfOneBrowserShareTheGallery()
    {
        Studio other = await Studio.OpenAsync(_visitor, _server);
        await other.OpenGalleryAsync();
        await Expect(other.Gallery).ToHaveCountAsync(0);
        await _studio.SayAsync("a red star", 1);
        await Expect(other.Gallery).ToHaveCountAsync(1);
        await _studio.Pictures.First.Locator(".picture").ClickAsync();
        await Expect(_studio.Attached).ToHaveCountAsync(1);
        await other.DeleteFirstAsync();
        await Expect(_studio.Pictures).ToHaveCountAsync(0);
        await Expect(_studio.Attached).ToHaveCountAsync(0);
        Assert.Empty(other.Errors);

        // Of what another browser deletes a tab hears nothing: then the server says it.
        await _studio.SayAsync("a blue ring", 1);
        string id = (await _studio.Pictures.First.GetAttributeAsync("data-picture"))!;
        await using IBrowserContext elsewhere = await browser.VisitAsync();
        Studio far = await Studio.OpenAsync(elsewhere, _server);
        await far.OpenGalleryAsync();
        await far.DeleteFirstAsync();
        await Expect(_studio.Page.Locator($"#log [data-picture='{id}']")).ToHaveCountAsync(1);
        await _studio.Pictures.First.Locator(".picture").ClickAsync();
        await _studio.Prompt.FillAsync("make it blue");
        await _studio.Prompt.PressAsync("Enter");
        await Expect(_studio.Page.Locator(".answer .note").Last).ToContainTextAsync("no such picture");
    }

    [Fact]
    public async Task WhatWasDeletedNoLaterTurnNames()
    {
        List<string> asked = [];
        _studio.Page.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/turns", StringComparison.Ordinal))
            {
                asked.Add(request.PostData ?? "");
            }
        };
        await _studio.SayAsync("a red star", 1);
        string star = (await _studio.Pictures.First.GetAttributeAsync("data-picture"))!;
        await _studio.Pictures.First.Locator(".picture").ClickAsync();
        await _studio.SayAsync("make it blue", 2);
        Assert.Contains(star, asked[^1]);
        await _studio.Pictures.First.Locator(".picture").ClickAsync();
        await Expect(_studio.Attached).ToHaveCountAsync(1);

        // As reply, as what was to be changed, and as what is to be changed next.
        await _studio.OpenGalleryAsync();
        await _studio.DeleteAsync(_studio.Gallery.Last);
        await _studio.Page.Locator("#tab-talk").ClickAsync();
        await Expect(_studio.Attached).ToHaveCountAsync(0);
        await Expect(_studio.Page.Locator($"#log [data-picture='{star}']")).ToHaveCountAsync(0);
        await _studio.SayAsync("a blue ring", 2);
        Assert.DoesNotContain(star, asked[^1]);
        Assert.Contains("make it blue", asked[^1]);

        // The question whose picture is gone can't be asked again, and what was said to it stays.
        int before = asked.Count;
        await _studio.Pictures.First.Locator("text=Variation").ClickAsync();
        await Expect(_studio.Page.Locator(".answer .note").Last).ToContainTextAsync("no longer in the gallery");
        await Expect(_studio.Pictures).ToHaveCountAsync(2);
        Assert.Equal(before, asked.Count);

        // Nor does the page know it after it was loaded again.
        await _studio.Page.ReloadAsync();
        await _studio.DrawnAsync(2);
        Assert.DoesNotContain(star, await _studio.Page.EvaluateAsync<string>("() => JSON.stringify(sessionStorage)"));
        await _studio.SayAsync("a green circle", 3);
        Assert.DoesNotContain(star, asked[^1]);
    }

    [Fact]
    public async Task WhatIsDeletedWhileAReplyComesIsNotRemembered()
    {
        await _studio.SayAsync("a red star", 1);
        string star = (await _studio.Pictures.First.GetAttributeAsync("data-picture"))!;
        await _studio.SetAsync("steps", "60");
        await _studio.Prompt.FillAsync("a blue ring");
        await _studio.Prompt.PressAsync("Enter");
        await Expect(_studio.Page.Locator(".painting img")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await _studio.OpenGalleryAsync();
        await _studio.DeleteAsync(_studio.Gallery.Last);
        await _studio.Page.Locator("#tab-talk").ClickAsync();
        await _studio.DrawnAsync(1);
        await Expect(_studio.Page.Locator("#log figure.painting")).ToHaveCountAsync(0);
        Assert.DoesNotContain(star, await _studio.Page.EvaluateAsync<string>("() => JSON.stringify(sessionStorage)"));
    }

    private Task<string> ClipAsync() => _studio.Page.Locator("#before").EvaluateAsync<string>("image => getComputedStyle(image).clipPath");
}

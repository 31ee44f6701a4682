using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>Tests of the full-screen viewer: size, neighbours, actions, and how it is closed.</summary>
public sealed class StudioViewerTests(Browser browser) : VisitorTest(browser)
{
    private ILocator Plane => Studio.Page.Locator("#plane");

    private ILocator Place => Studio.Page.Locator("#place");

    private IKeyboard Keys => Studio.Page.Keyboard;

    [Fact]
    public async Task APictureIsEnlargedMovedAndFittedAgain()
    {
        await Studio.SayAsync("a red star", 1);
        await Studio.EnlargeAsync(Studio.Pictures.First);
        LocatorBoundingBoxResult fitted = await BoxAsync(Plane), stage = await BoxAsync(Studio.Page.Locator("#stage"));
        Assert.Equal(Math.Min(stage.Width, stage.Height), fitted.Width, 1f);
        Assert.Equal(fitted.Width, fitted.Height, 1f);
        await Expect(Plane).Not.ToHaveClassAsync(new Regex("crisp"));

        await Keys.PressAsync("+");
        await SizedAsync(1.5, fitted);
        await Keys.PressAsync("-");
        await SizedAsync(1, fitted);
        await Studio.Page.Locator("#zoom-in").ClickAsync();
        await SizedAsync(1.5, fitted);
        await Keys.PressAsync("Shift+ArrowLeft");
        await Studio.Page.WaitForFunctionAsync("""
            () => Math.abs(document.getElementById('plane').getBoundingClientRect().left
              - document.getElementById('stage').getBoundingClientRect().left) < 1
            """);
        await Keys.PressAsync("0");
        await SizedAsync(1, fitted);

        // The wheel enlarges around the pointer; what is so large shows its pixels.
        (float x, float y) = (stage.X + (stage.Width / 4), stage.Y + (stage.Height / 4));
        await Studio.Page.Mouse.MoveAsync(x, y);
        await Studio.Page.Mouse.WheelAsync(0, -500);
        await SizedAsync(Math.E, fitted);
        LocatorBoundingBoxResult large = await BoxAsync(Plane);
        Assert.Equal((x - fitted.X) / fitted.Width, (x - large.X) / large.Width, 0.01f);
        await Expect(Plane).ToHaveClassAsync(new Regex("crisp"));
        await Studio.Page.Mouse.DownAsync();
        await Studio.Page.Mouse.MoveAsync(x - 60, y + 40, new() { Steps = 4 });
        await Studio.Page.Mouse.UpAsync();
        LocatorBoundingBoxResult moved = await BoxAsync(Plane);
        Assert.Equal(large.X - 60, moved.X, 1f);
        Assert.Equal(large.Y + 40, moved.Y, 1f);
        await Studio.Page.Mouse.DblClickAsync(x, y);
        await SizedAsync(1, fitted);
        await Studio.Page.Mouse.DblClickAsync(x, y);
        await SizedAsync(2.5, fitted);
    }

    [Fact]
    public async Task KeysAndButtonsLeadToTheNeighboursAndTheirPlaceIsTold()
    {
        await Studio.PretendSeedsMatterAsync();
        await Studio.Page.Locator("#count").SelectOptionAsync("3");
        await Studio.SayAsync("a red star", 3);
        await Studio.EnlargeAsync(Studio.Pictures.Nth(1));
        await Expect(Place).ToHaveTextAsync("2 of 3");
        await Expect(Studio.Page.Locator("#viewer #status")).ToHaveTextAsync("2 of 3: a red star");
        await Keys.PressAsync("ArrowRight");
        await Expect(Place).ToHaveTextAsync("3 of 3");
        await Expect(Studio.Page.Locator("#later")).ToBeHiddenAsync();
        await Keys.PressAsync("ArrowRight");
        await Keys.PressAsync("ArrowLeft");
        await Keys.PressAsync("ArrowLeft");
        await Expect(Place).ToHaveTextAsync("1 of 3");
        await Expect(Studio.Page.Locator("#earlier")).ToBeHiddenAsync();
        for (int i = 2; i <= 3; i++)
        {
            await Studio.Page.Locator("#later").ClickAsync();
            await Expect(Place).ToHaveTextAsync($"{i} of 3");
        }

        // The button is gone, and the keys still work.
        await Keys.PressAsync("ArrowLeft");
        await Expect(Place).ToHaveTextAsync("2 of 3");
        string shown = (await Studio.Pictures.Nth(1).GetAttributeAsync("data-picture"))!;
        await Expect(Studio.Page.Locator("#after")).ToHaveAttributeAsync("src", new Regex(shown));
    }

    [Fact]
    public async Task EscAndBackCloseItAndLeaveTheConversationAsItWas()
    {
        await Studio.SayAsync("a red star", 1);
        string address = Studio.Page.Url;
        int length = await Studio.Page.EvaluateAsync<int>("() => history.length");
        await Studio.EnlargeAsync(Studio.Pictures.First);
        await Studio.LeaveAsync();
        await Expect(Studio.Pictures.First.Locator(".picture")).ToBeFocusedAsync();
        await Studio.EnlargeAsync(Studio.Pictures.First);
        await Studio.Page.Locator("#leave").ClickAsync();
        await Studio.LeaveAsync();
        await Studio.EnlargeAsync(Studio.Pictures.First);
        await Studio.Page.GoBackAsync();
        await Expect(Studio.Viewer).ToBeHiddenAsync();
        await Expect(Studio.Pictures.First.Locator(".picture")).ToBeFocusedAsync();
        Assert.Equal(address, Studio.Page.Url);
        await Expect(Studio.Page.Locator(".question .words")).ToHaveTextAsync("a red star");
        Assert.Equal(length + 1, await Studio.Page.EvaluateAsync<int>("() => history.length"));

        // Forward and a reload show it again.
        await Studio.Page.GoForwardAsync();
        await Expect(Studio.Viewer).ToBeVisibleAsync();
        await Studio.Page.ReloadAsync();
        await Expect(Studio.Viewer).ToBeVisibleAsync();
        await Studio.LeaveAsync();
        Assert.Equal(address, Studio.Page.Url);
    }

    [Fact]
    public async Task WhatCanBeDoneWithAPictureIsBesideIt()
    {
        await Studio.PretendSeedsMatterAsync();
        await Studio.SayAsync("a red star", 1);
        await Studio.EnlargeAsync(Studio.Pictures.First);
        Assert.Equal("a red star", await Studio.FactAsync("Text"));
        IDownload file = await Studio.Page.RunAndWaitForDownloadAsync(
            () => Studio.Page.Locator("#actions >> text=Download").ClickAsync());
        Assert.Matches(@"^nexusgen-[0-9a-f]+\.png$", file.SuggestedFilename);
        await Studio.Page.Locator("#actions >> text=Variation").ClickAsync();
        await Expect(Studio.Viewer).ToBeHiddenAsync();
        await Studio.DrawnAsync(2);
        await Studio.EnlargeAsync(Studio.Pictures.Last);
        await Studio.Page.Locator("#actions >> text=Use settings").ClickAsync();
        await Expect(Studio.Prompt).ToHaveValueAsync("a red star");
        await Expect(Studio.Viewer).ToBeHiddenAsync();
        await Studio.EnlargeAsync(Studio.Pictures.Last);
        await Studio.Page.Locator("#actions >> text=Edit").ClickAsync();
        await Expect(Studio.Attached).ToHaveCountAsync(1);
        await Expect(Studio.Prompt).ToBeFocusedAsync();
        await Studio.Prompt.FillAsync("make it blue");
        await Studio.Page.Locator("#send").ClickAsync();
        await Studio.DrawnAsync(3);

        // An image of the question is enlarged as any other; nothing draws another one of it here.
        await Studio.Page.Locator(".question .brought").ClickAsync();
        await Expect(Studio.Page.Locator("#viewer-title")).ToHaveTextAsync("a red star");
        await Expect(Place).ToHaveTextAsync("2 of 3");

        // The panel is as it was left.
        await Studio.Page.Locator("#to-details").ClickAsync();
        await Studio.LeaveAsync();
        await Studio.EnlargeAsync(Studio.Pictures.Last);
        await Expect(Studio.Page.Locator("#details")).ToBeHiddenAsync();
        await Studio.LeaveAsync();
        await Studio.Pictures.Last.Locator("text=Details").ClickAsync();
        await Expect(Studio.Page.Locator("#details")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task TheNextPictureTakesThePlaceOfADeletedOne()
    {
        await Studio.PretendSeedsMatterAsync();
        await Studio.Page.Locator("#count").SelectOptionAsync("3");
        await Studio.SayAsync("a red star", 3);
        string last = (await Studio.Pictures.Last.GetAttributeAsync("data-picture"))!;
        await Studio.EnlargeAsync(Studio.Pictures.Nth(1));
        Studio.Page.Dialog += async (_, dialog) => await dialog.AcceptAsync();
        await Studio.Page.Locator("#actions >> text=Delete").ClickAsync();
        await Expect(Place).ToHaveTextAsync("2 of 2");
        await Expect(Studio.Page.Locator("#viewer #toast")).ToHaveTextAsync("Deleted.");
        await Expect(Studio.Page.Locator("#after")).ToHaveAttributeAsync("src", new Regex(last));

        // In another tab too.
        Studio other = await Studio.OpenAsync(Visitor, Server);
        await other.OpenGalleryAsync();
        await other.DeleteFirstAsync();
        await Expect(Place).ToBeHiddenAsync();
        await Expect(Studio.Viewer).ToBeVisibleAsync();
        await other.DeleteFirstAsync();
        await Expect(Studio.Viewer).ToBeHiddenAsync();
        Assert.Empty(other.Errors);
    }

    [Fact]
    public async Task AmongThePicturesOfTheGalleryItFollowsWhatWasFound()
    {
        await Studio.Page.EvaluateAsync("""
            async () => {
              const canvas = new OffscreenCanvas(8, 8);
              canvas.getContext('2d').fillRect(2, 2, 4, 4);
              const body = await canvas.convertToBlob();
              for (let i = 1; i <= 51; i++) {
                const name = i % 25 === 0 ? `star ${i}` : `ring ${i}`;
                const headers = { 'Content-Type': 'image/png', 'X-Picture-Name': encodeURIComponent(name) };
                await fetch('/studio/api/pictures', { method: 'POST', body, headers });
              }
            }
            """);
        await Studio.OpenGalleryAsync();
        await Expect(Studio.Gallery).ToHaveCountAsync(48);
        await Studio.EnlargeAsync(Studio.Gallery.Nth(47));
        await Expect(Place).ToHaveTextAsync(new Regex(@"^48 of (48\+|51)$"));
        await Keys.PressAsync("ArrowRight");
        await Expect(Place).ToHaveTextAsync("49 of 51");
        await Studio.LeaveAsync();
        await Studio.Page.Locator("#words").FillAsync("star");
        await Expect(Studio.Gallery).ToHaveCountAsync(2);
        await Studio.EnlargeAsync(Studio.Gallery.First);
        await Expect(Place).ToHaveTextAsync("1 of 2");
        await Keys.PressAsync("ArrowRight");
        await Expect(Studio.Page.Locator("#viewer-title")).ToHaveTextAsync("star 25");

        // The list was written anew meanwhile: the focus returns to the same picture.
        await Studio.Page.EvaluateAsync("() => document.dispatchEvent(new Event('visibilitychange'))");
        await Studio.LeaveAsync();
        await Expect(Studio.Gallery.First.Locator("button").First).ToBeFocusedAsync();
    }

    [Fact]
    public async Task FingersEnlargeMoveAndSwipe()
    {
        await using IBrowserContext visitor = await Browser.VisitAsync(new BrowserNewContextOptions
        {
            Locale = "en-US",
            ViewportSize = new ViewportSize { Width = 390, Height = 760 },
            HasTouch = true,
        });
        Studio phone = await Studio.OpenAsync(visitor, Server);
        ICDPSession fingers = await visitor.NewCDPSessionAsync(phone.Page);
        ILocator plane = phone.Page.Locator("#plane"), place = phone.Page.Locator("#place");
        await phone.SayAsync("a red star", 1);
        await phone.SayAsync("make the star blue", 2);
        await phone.Pictures.Last.Locator(".picture").TapAsync();
        await Expect(phone.Page.Locator("#details")).ToBeHiddenAsync();
        await Expect(place).ToHaveTextAsync("2 of 2");
        await TouchAsync("touchStart", (100, 400));
        await TouchAsync("touchMove", (180, 400));
        await TouchAsync("touchMove", (260, 402));
        await TouchAsync("touchEnd");
        await Expect(place).ToHaveTextAsync("1 of 2");
        Assert.Equal(390, (await BoxAsync(plane)).Width, 1f);

        await TouchAsync("touchStart", (150, 400), (250, 400));
        await TouchAsync("touchMove", (100, 400), (300, 400));
        await TouchAsync("touchEnd");
        Assert.Equal(780, (await BoxAsync(plane)).Width, 2f);

        // An enlarged picture is moved, not left.
        float x = (await BoxAsync(plane)).X;
        await TouchAsync("touchStart", (200, 400));
        await TouchAsync("touchMove", (300, 400));
        await TouchAsync("touchEnd");
        Assert.Equal(x + 100, (await BoxAsync(plane)).X, 1f);
        await Expect(place).ToHaveTextAsync("1 of 2");

        // Two taps; on a busy machine they may come too late for that.
        for (int i = 0; i < 20 && (await BoxAsync(plane)).Width > 400; i++)
        {
            await TouchAsync("touchStart", (200, 400));
            await TouchAsync("touchEnd");
            await TouchAsync("touchStart", (200, 400));
            await TouchAsync("touchEnd");
            await phone.Page.WaitForTimeoutAsync(500);
        }

        Assert.Equal(390, (await BoxAsync(plane)).Width, 1f);

        await TouchAsync("touchStart", (300, 400));
        await TouchAsync("touchMove", (100, 400));
        await TouchAsync("touchEnd");
        await Expect(place).ToHaveTextAsync("2 of 2");

        // Chromium takes a tap that follows a swipe at once for the end of its movement.
        await phone.Page.Locator("#to-compare").ClickAsync();
        await Expect(phone.Page.Locator("#divider")).ToBeVisibleAsync();
        await TouchAsync("touchStart", (195, 300));
        await TouchAsync("touchMove", (250, 310));
        await TouchAsync("touchMove", (273, 310));
        await TouchAsync("touchEnd");
        await Expect(phone.Page.Locator("#divider")).ToHaveAttributeAsync("aria-valuenow", "70");
        await Expect(place).ToHaveTextAsync("2 of 2");
        Assert.Empty(phone.Errors);

        Task TouchAsync(string type, params (int X, int Y)[] points) => fingers.SendAsync("Input.dispatchTouchEvent", new()
        {
            ["type"] = type,
            ["touchPoints"] = points.Select((point, i) => new { x = point.X, y = point.Y, id = i }).ToArray(),
        });
    }

    [Fact]
    public async Task NothingMovesForThoseWhoDontWantItAndAllSpeaksChinese()
    {
        await using IBrowserContext calm = await Browser.VisitAsync(new BrowserNewContextOptions
        {
            Locale = "zh-CN",
            ReducedMotion = ReducedMotion.Reduce,
        });
        Studio studio = await Studio.OpenAsync(calm, Server);
        await studio.SayAsync("一个红色的星星", 1);
        await studio.SayAsync("把星星变成蓝色", 2);
        await studio.Pictures.Last.Locator("text=历史").ClickAsync();
        await Expect(studio.Page.Locator("#tree .node")).ToHaveCountAsync(2);
        await studio.Page.Keyboard.PressAsync("+");
        Assert.Equal(
            "0s",
            await studio.Page.Locator("#plane").EvaluateAsync<string>("plane => getComputedStyle(plane).transitionDuration"));
        string all = await studio.Viewer.EvaluateAsync<string>("""
            viewer => viewer.innerText + [...viewer.querySelectorAll('[aria-label], [title]')]
              .map((element) => `${element.getAttribute('aria-label')} ${element.title}`).join(' ').replaceAll('null', '')
            """);
        Assert.Contains("与这张对比", all);
        Assert.DoesNotMatch("[A-Za-z]{3,}", all);
        Assert.Empty(studio.Errors);
    }

    private static async Task<LocatorBoundingBoxResult> BoxAsync(ILocator element) => (await element.BoundingBoxAsync())!;

    // Waits until the picture has a size, relative to that which fits.
    private Task SizedAsync(double scale, LocatorBoundingBoxResult fitted) => Studio.Page.WaitForFunctionAsync(
        "wanted => Math.abs(document.getElementById('plane').getBoundingClientRect().width - wanted) < 2",
        double.Round(scale * fitted.Width, 2).ToString(CultureInfo.InvariantCulture));
}

using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using NexusGen.Server.Scheduling;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>
/// Tests of messages that are sent while a reply is coming, of where they wait, and of what the model tells of itself.
/// </summary>
public sealed class StudioAheadTests(Browser browser) : VisitorTest(browser)
{
    [Fact]
    public async Task WhatIsTypedAheadWaitsAndIsAboutThePictureThatComes()
    {
        Studio other = await Studio.OpenAsync(Visitor, Server);
        Stack<IDisposable> others = await OccupyAsync();
        await Studio.Prompt.FillAsync("a red star");
        await Studio.Prompt.PressAsync("Enter");
        await Expect(Studio.Page.Locator("#send")).ToBeHiddenAsync();
        await Expect(Studio.Source).ToContainTextAsync("the last picture by then");
        await Studio.Prompt.FillAsync("make the star blue");
        await Studio.Prompt.PressAsync("Enter");
        await Studio.ChooseAsync("draw");
        await Studio.Prompt.FillAsync("a green circle");
        await Studio.Page.Locator("#send").ClickAsync();
        await Expect(Studio.Page.Locator(".question .words"))
            .ToHaveTextAsync(["a red star", "make the star blue", "a green circle"]);
        await Expect(Studio.Page.Locator(".answer .busy").Last).ToHaveTextAsync("Waiting for its turn");

        // What waits last is taken back, and the others go on. Another tab shows the same.
        await other.Conversations.First.Locator("a").ClickAsync();
        await Expect(other.Page.Locator(".question")).ToHaveCountAsync(3);
        await Studio.Page.Locator("#undo").ClickAsync();
        await Expect(Studio.Prompt).ToHaveValueAsync("a green circle");
        await Expect(Studio.Page.Locator(".question")).ToHaveCountAsync(2);
        await Expect(other.Page.Locator(".question")).ToHaveCountAsync(2);
        Free(others);
        await Studio.Prompt.FillAsync("");
        await Studio.DrawnAsync(2);
        await other.DrawnAsync(2);
        string star = (await Studio.Pictures.First.GetAttributeAsync("data-picture"))!;
        await Expect(Studio.Page.Locator(".question").Last.Locator($"[data-picture='{star}']")).ToBeVisibleAsync();
        Assert.Empty(other.Errors);
    }

    [Fact]
    public async Task StopEndsTheReplyAtHandAndTheNextOneBegins()
    {
        await Studio.SetAsync("steps", "1000");
        await Studio.Prompt.FillAsync("a red star");
        await Studio.Prompt.PressAsync("Enter");
        await Expect(Studio.Page.Locator(".painting img")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Studio.SetAsync("steps", "");
        await Studio.ChooseAsync("draw");
        await Studio.Prompt.FillAsync("a blue ring");
        await Studio.Prompt.PressAsync("Enter");
        await Expect(Studio.Page.Locator(".question")).ToHaveCountAsync(2);
        await Studio.Page.Keyboard.PressAsync("Escape");
        await Studio.DrawnAsync(1);
        await Expect(Studio.Page.Locator(".answer .note")).ToContainTextAsync(["Stopped."]);
        await Expect(Studio.Page.Locator(".answer").Last.Locator("figure[data-picture]")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task TheQueueTellsHowManyComeBefore()
    {
        Stack<IDisposable> running = await OccupyAsync();
        Task<IDisposable> one = Server.Services.GetRequiredService<WorkQueue>().EnterAsync("another");
        await Studio.Prompt.FillAsync("a red star");
        await Studio.Prompt.PressAsync("Enter");
        await Expect(Studio.Page.Locator(".answer .busy")).ToHaveTextAsync("Waiting: 1 before it");
        running.Pop().Dispose();
        await Expect(Studio.Page.Locator(".answer .busy")).ToHaveTextAsync("Waiting: it is the next");
        running.Push(await one);
        Free(running);
        await Studio.DrawnAsync(1);
    }

    [Fact]
    public async Task TheModelTellsWhatItCanDoAndItsCardIsTextAlone()
    {
        await Studio.Page.RouteAsync("**/studio/api/about", async route =>
        {
            IAPIResponse answer = await route.FetchAsync();
            string text = await answer.TextAsync();
            await route.FulfillAsync(new()
            {
                Response = answer,
                Body = new Regex("\"card\":\"").Replace(
                    text,
                    "\"card\":\"<h1>Mine</h1><img src=x onerror=alert(1)><script>alert(2)</script>"
                    + "<a href='javascript:alert(3)'>bad</a><p onclick=alert(4) style='color:red'>good</p>",
                    1),
            });
        });
        await Studio.Page.Locator("#model").ClickAsync();
        await Expect(Studio.Page.Locator("#about-text")).ToContainTextAsync("coloured shapes");
        await Expect(Studio.Page.Locator("#about-facts")).ToContainTextAsync("112×112");
        await Expect(Studio.Page.Locator("#card h3").First).ToHaveTextAsync("Mine");
        await Expect(Studio.Page.Locator("#card :is(img, script, [onclick], [style], a[href^='javascript'])"))
            .ToHaveCountAsync(0);
        await Expect(Studio.Page.Locator("#card p").First).ToHaveTextAsync("good");
        await Expect(Studio.Page.Locator("#card table").First).ToBeVisibleAsync();
        await Studio.Page.Keyboard.PressAsync("Escape");
        await Expect(Studio.Page.Locator("#model")).ToBeFocusedAsync();

        // The browser tells what the page's policy refuses even in text that is only read.
        Assert.Equal(3, Studio.Errors.RemoveAll(error => error.Contains("Content Security Policy", StringComparison.Ordinal)));
    }

    // Takes all that the server computes at the same time.
    private async Task<Stack<IDisposable>> OccupyAsync()
    {
        WorkQueue queue = Server.Services.GetRequiredService<WorkQueue>();
        Stack<IDisposable> slots = [];
        using var leave = new CancellationTokenSource();
        for (Task<IDisposable> next; (next = queue.EnterAsync("another", leave.Token)).IsCompleted;)
        {
            slots.Push(await next);
        }

        await leave.CancelAsync();
        return slots;
    }

    private static void Free(Stack<IDisposable> slots)
    {
        while (slots.TryPop(out IDisposable? slot))
        {
            slot.Dispose();
        }
    }
}

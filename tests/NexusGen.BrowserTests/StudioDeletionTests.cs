using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace NexusGen.BrowserTests;

/// <summary>Tests of the studio after an image was deleted, in the same tab or elsewhere.</summary>
public sealed class StudioDeletionTests(Browser browser) : VisitorTest(browser)
{
    [Fact]
    public async Task TabsOfOneBrowserShareTheGallery()
    {
        Studio other = await Studio.OpenAsync(Visitor, Server);
        await other.OpenGalleryAsync();
        await Expect(other.Gallery).ToHaveCountAsync(0);
        await Studio.SayAsync("a red star", 1);
        await Expect(other.Gallery).ToHaveCountAsync(1);
        await Studio.EditAsync(Studio.Pictures.First);
        await Expect(Studio.Attached).ToHaveCountAsync(1);
        await other.DeleteFirstAsync();
        await Expect(Studio.Pictures).ToHaveCountAsync(0);
        await Expect(Studio.Attached).ToHaveCountAsync(0);
        Assert.Empty(other.Errors);

        // A tab is not notified when another browser deletes an image; it learns it from the server's response.
        await Studio.SayAsync("a blue ring", 1);
        string id = (await Studio.Pictures.First.GetAttributeAsync("data-picture"))!;
        await using IBrowserContext elsewhere = await Browser.VisitAsync();
        Studio far = await Studio.OpenAsync(elsewhere, Server);
        await far.OpenGalleryAsync();
        await far.DeleteFirstAsync();
        await Expect(Studio.Page.Locator($"#log [data-picture='{id}']")).ToHaveCountAsync(1);
        await Studio.EditAsync(Studio.Pictures.First);
        await Studio.Prompt.FillAsync("make it blue");
        await Studio.Prompt.PressAsync("Enter");
        await Expect(Studio.Toast).ToContainTextAsync("no longer in the gallery");
        await Expect(Studio.Prompt).ToHaveValueAsync("make it blue");
    }

    [Fact]
    public async Task WhatWasDeletedNoLaterTurnNames()
    {
        await Studio.PretendSeedsMatterAsync();
        List<string> asked = [];
        Studio.Page.Request += (_, request) =>
        {
            if (request.Url.EndsWith("/turns", StringComparison.Ordinal))
            {
                asked.Add(request.PostData ?? "");
            }
        };
        await Studio.SayAsync("a red star", 1);
        string star = (await Studio.Pictures.First.GetAttributeAsync("data-picture"))!;
        await Studio.EditAsync(Studio.Pictures.First);
        await Studio.SayAsync("make it blue", 2);
        Assert.Contains(star, asked[^1]);
        await Studio.EditAsync(Studio.Pictures.First);
        await Expect(Studio.Attached).ToHaveCountAsync(1);

        // As a reply, as an image that was edited, and as the image to edit next.
        await Studio.OpenGalleryAsync();
        await Studio.DeleteAsync(Studio.Gallery.Last);
        await Studio.Page.Locator("#tab-talk").ClickAsync();
        await Expect(Studio.Attached).ToHaveCountAsync(0);
        await Expect(Studio.Page.Locator($"#log [data-picture='{star}']")).ToHaveCountAsync(0);
        await Studio.SayAsync("a blue ring", 2);
        Assert.DoesNotContain(star, asked[^1]);

        // The question whose image is gone can't be asked again, and the answer to it stays.
        int before = asked.Count;
        await Studio.Pictures.First.Locator("text=Variation").ClickAsync();
        await Expect(Studio.Toast).ToContainTextAsync("no longer in the gallery");
        await Expect(Studio.Pictures).ToHaveCountAsync(2);
        Assert.Equal(before, asked.Count);

        // The page does not know the image after it was reloaded either.
        await Studio.Page.ReloadAsync();
        await Studio.DrawnAsync(2);
        Assert.DoesNotContain(star, await KeptAsync());
        await Studio.SayAsync("a green circle", 3);
        Assert.DoesNotContain(star, asked[^1]);
    }

    [Fact]
    public async Task WhatIsDeletedWhileAReplyComesIsNotRemembered()
    {
        await Studio.SayAsync("a red star", 1);
        string star = (await Studio.Pictures.First.GetAttributeAsync("data-picture"))!;
        await Studio.SetAsync("steps", "400");
        await Studio.Prompt.FillAsync("a blue ring");
        await Studio.Prompt.PressAsync("Enter");
        await Expect(Studio.Page.Locator(".painting img")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Studio.OpenGalleryAsync();
        await Studio.DeleteAsync(Studio.Gallery.Last);
        await Studio.Page.Locator("#tab-talk").ClickAsync();
        await Studio.DrawnAsync(1);
        await Expect(Studio.Page.Locator("#log figure.painting")).ToHaveCountAsync(0);
        Assert.DoesNotContain(star, await KeptAsync());
    }

    // The conversation as the server keeps it.
    private Task<string> KeptAsync() => Studio.Page.EvaluateAsync<string>(
        "async () => (await fetch('/studio/api/conversations/' + location.hash.split('/').at(-1))).text()");
}

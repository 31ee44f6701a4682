using Microsoft.Extensions.DependencyInjection;
using NexusGen.Imaging;
using NexusGen.Server.Http;
using NexusGen.Server.Images;
using NexusGen.Server.Requests;

namespace NexusGen.Tests.Server;

/// <summary>Long conversations: which images the model still sees, and which turns are left out.</summary>
public sealed class RequestHistoryTests(TinyServer tiny) : IClassFixture<TinyServer>
{
    private const int Most = 16;

    private static readonly byte[] File = ImageFile.Encode(RgbImage.FromBytes(new byte[28 * 28 * 3], 28, 28), ImageFormat.Png);

    private readonly Limits _limits = tiny.Server.Services.GetRequiredService<Limits>();
    private readonly List<int> _read = [];

    [Fact]
    public async Task TheOldestImagesBecomeWordsAndAreNotRead()
    {
        RequestImages images = Images();
        int number = 0;
        RequestImage Add()
        {
            int own = number++;
            return images.Add(
                _ =>
                {
                    _read.Add(own);
                    return Task.FromResult(File);
                },
                "messages");
        }

        RequestMessage first = Message(MessageRole.System, "Look: ", Add()), last = Message(MessageRole.User, Add(), Add());
        RequestMessage[] history =
        [
            Message(MessageRole.User, Add(), "one", Add(), "two", Add(), "three"),
            .. Enumerable.Range(0, 6).SelectMany(i => (RequestMessage[])
            [
                Message(MessageRole.Assistant, "Here: ", Add()),
                Message(MessageRole.User, "again", Add()),
            ]),
            Message(MessageRole.Assistant, "Done."),
        ];

        IReadOnlyList<RequestMessage> fitted = RequestHistory.Fit([first, .. history, last], images, _limits, "messages");

        Assert.Equal(Most, fitted.Sum(message => message.Images.Count));
        Assert.Equal("[image]one[image]two<image>three", fitted[1].Text);
        Assert.Same(history[0].Images[2], Assert.Single(fitted[1].Images));
        Assert.Equal(history[0].TextLength, fitted[1].TextLength);
        Assert.Equal([first, .. history[1..], last], fitted.Where((_, i) => i != 1));

        // The message of a response that is kept stays as it was.
        Assert.Equal("<image>one<image>two<image>three", history[0].Text);
        await images.DecodeAsync(default);
        Assert.Equal([0, 1, 2, .. Enumerable.Range(5, 13)], _read);
        Assert.All(fitted.SelectMany(message => message.Images), image => Assert.NotNull(image.Pixels));
    }

    [Fact]
    public void ATurnOfTooManyImagesIsRefused()
    {
        RequestImages images = Images();
        RequestMessage message = Message(
            MessageRole.User, [.. Enumerable.Range(0, Most + 1).Select(_ => images.Add(_ => Task.FromResult(File), "messages"))]);
        ApiException error =
            Assert.Throws<ApiException>(() => RequestHistory.Fit([message], images, _limits, "messages"));
        Assert.Contains("more than 16 pictures", error.Message);
    }

    [Fact]
    public void TheOldestTurnsAreLeftOutOnlyIfAllowed()
    {
        string Long(char letter) => new(letter, 40_000);
        RequestMessage[] messages =
        [
            Message(MessageRole.User, Long('a')),
            Message(MessageRole.System, "Be brief."),
            Message(MessageRole.User, "and"),
            Message(MessageRole.Assistant, "a"),
            Message(MessageRole.User, Long('b')),
            Message(MessageRole.Assistant, "b"),
            Message(MessageRole.User, Long('c')),
        ];

        IReadOnlyList<RequestMessage> fitted = RequestHistory.Fit(messages, Images(), _limits, "input", truncate: true);
        Assert.Equal([messages[1], .. messages[4..]], fitted);
        ApiException error = Assert.Throws<ApiException>(() => RequestHistory.Fit(messages, Images(), _limits, "input"));
        Assert.Equal((400, "input", "context_length_exceeded"), (error.Status, error.Details.Param, error.Details.Code));
        RequestMessage alone = Message(MessageRole.User, new string('d', 100_001));
        Assert.Equal("context_length_exceeded", Assert.Throws<ApiException>(
            () => RequestHistory.Fit([.. messages[..6], alone], Images(), _limits, "input", truncate: true)).Details.Code);
    }

    private RequestImages Images() =>
        new(tiny.Server.Services.GetRequiredService<ImageReader>(), _limits, "messages");

    private static RequestMessage Message(MessageRole role, params object[] contents)
    {
        var message = new RequestMessage(role);
        foreach (object content in contents)
        {
            if (content is RequestImage image)
            {
                message.Add(image);
            }
            else
            {
                message.Add((string)content);
            }
        }

        return message;
    }
}

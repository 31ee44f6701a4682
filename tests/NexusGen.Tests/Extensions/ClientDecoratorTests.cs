using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using NexusGen.Extensions.AI;

namespace NexusGen.Tests.Extensions;

/// <summary>The clients within the decorators of Microsoft.Extensions.AI: logging, telemetry, cache.</summary>
public sealed class ClientDecoratorTests : IDisposable
{
    private static readonly AdditionalPropertiesDictionary Quick = new()
    {
        ["steps"] = 1,
        ["width"] = 32,
        ["height"] = 32,
        ["cfg_scale"] = 1
    };

    private readonly NexusGenModel _model = NexusGenModel.Open(LoadedModel.Folder);

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task TheLibrarysDecoratorsWorkAroundIt()
    {
        var lines = new LineLogger();
        using var inner = new NexusGenChatClient(_model);
        var cache = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        using IChatClient client = inner.AsBuilder().UseLogging(lines).UseOpenTelemetry().UseDistributedCache(cache).Build();
        var options = new ChatOptions { MaxOutputTokens = 6 };
        ChatResponse first = await client.GetResponseAsync("Hello", options),
            second = await client.GetResponseAsync("Hello", options);
        Assert.Equal(first.Text, second.Text);
        Assert.Equal(first.ResponseId, second.ResponseId);
        Assert.Contains(lines.Lines, line => line.Contains("GetResponseAsync", StringComparison.Ordinal));
        Assert.Same(_model, client.GetService<NexusGenModel>());
    }

    [Fact]
    public async Task OpenTelemetryTellsOfModelAndTokensAndNothingOfWords()
    {
        List<Activity> told = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "tests of telemetry",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = told.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using IChatClient client = new NexusGenChatClient(_model)
            .AsBuilder()
            .UseOpenTelemetry(sourceName: "tests of telemetry")
            .Build();
        ChatResponse response = await client.GetResponseAsync("Hello there", new ChatOptions { MaxOutputTokens = 6 });
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(
            "Hello there",
            new ChatOptions { MaxOutputTokens = 6 }))
        {
        }

        Assert.Equal(2, told.Count);
        foreach (Activity activity in told)
        {
            Dictionary<string, object?> tags = activity.TagObjects.ToDictionary(tag => tag.Key, tag => tag.Value);
            Assert.Equal(
                ("chat", "nexusgen", "tiny"),
                (tags["gen_ai.operation.name"], tags["gen_ai.provider.name"], tags["gen_ai.response.model"]));
            Assert.Equal(
                response.Usage!.InputTokenCount,
                Convert.ToInt64(tags["gen_ai.usage.input_tokens"], CultureInfo.InvariantCulture));
            Assert.Equal(
                response.Usage.OutputTokenCount,
                Convert.ToInt64(tags["gen_ai.usage.output_tokens"], CultureInfo.InvariantCulture));
            Assert.DoesNotContain(tags.Values, value => value?.ToString()?.Contains("Hello", StringComparison.Ordinal) == true);
        }
    }

    [Fact]
    public async Task TheImageGeneratorsDecoratorsWorkToo()
    {
        var lines = new LineLogger();
        List<Activity> told = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "tests of pictures",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = told.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using IImageGenerator generator = new NexusGenImageGenerator(_model)
            .AsBuilder()
            .UseLogging(lines)
            .UseOpenTelemetry(sourceName: "tests of pictures")
            .Build();
        ImageGenerationResponse response = await generator.GenerateAsync(
            new ImageGenerationRequest("A cat"),
            new ImageGenerationOptions { AdditionalProperties = Quick });
        Assert.Single(response.Contents.OfType<DataContent>());
        Assert.Single(told);
        Assert.Contains(lines.Lines, line => line.Contains("GenerateAsync", StringComparison.Ordinal));
    }
}

using Microsoft.Extensions.Options;
using NexusGen.Server.Configuration;
using NexusGen.Server.Images;
using NexusGen.Server.Security;

namespace NexusGen.Server;

/// <summary>Validates the options when the host starts.</summary>
internal sealed class NexusGenServerOptionsValidator : IValidateOptions<NexusGenServerOptions>
{
    private const int ShortestKey = 8;

    // Timers don't support longer times.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(24);

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, NexusGenServerOptions options)
    {
        List<string> wrong = [];
        void Check(bool right, string sentence)
        {
            if (!right)
            {
                wrong.Add(sentence);
            }
        }

        Check(options.MaxRunning >= 1, $"{nameof(options.MaxRunning)} is {options.MaxRunning}, but it must be at least 1.");
        Check(options.QueueLength >= 0, $"{nameof(options.QueueLength)} is {options.QueueLength}, but it must be at least 0.");
        Check(
            options.QueuePerClient >= 0,
            $"{nameof(options.QueuePerClient)} is {options.QueuePerClient}, but it must be at least 0.");
        Check(options.RequestTimeout > TimeSpan.Zero, $"{nameof(options.RequestTimeout)} must be more than nothing.");
        Check(options.ShutdownTimeout >= TimeSpan.Zero, $"{nameof(options.ShutdownTimeout)} must not be negative.");
        Check(options.Keep is null || options.Keep >= TimeSpan.Zero, $"{nameof(options.Keep)} must not be negative.");
        (string Name, TimeSpan? Value)[] waits =
        [
            (nameof(options.RequestTimeout), options.RequestTimeout), (nameof(options.ShutdownTimeout), options.ShutdownTimeout),
            (nameof(options.Keep), options.Keep),
        ];
        foreach ((string field, TimeSpan? value) in waits)
        {
            Check(value is null || value <= LongestWait, $"{field} must be at most {LongestWait.TotalDays:0} days.");
        }

        Check(options.PictureLifetime > TimeSpan.Zero, $"{nameof(options.PictureLifetime)} must be more than nothing.");
        Check(options.BackgroundLifetime > TimeSpan.Zero, $"{nameof(options.BackgroundLifetime)} must be more than nothing.");
        (string Name, long Value)[] positive =
        [
            (nameof(options.MaxConnectionsPerAddress), options.MaxConnectionsPerAddress),
            (nameof(options.MaxBodyBytes), options.MaxBodyBytes), (nameof(options.MaxPictures), options.MaxPictures),
            (nameof(options.MaxPicturePixels), options.MaxPicturePixels),
            (nameof(options.MaxRequestPixels), options.MaxRequestPixels),
            (nameof(options.MaxSide), options.MaxSide), (nameof(options.MaxCount), options.MaxCount),
            (nameof(options.MaxSteps), options.MaxSteps), (nameof(options.MaxTokens), options.MaxTokens),
            (nameof(options.MaxTextLength), options.MaxTextLength), (nameof(options.StoreBytes), options.StoreBytes),
            (nameof(options.GalleryBytes), options.GalleryBytes), (nameof(options.BackgroundBytes), options.BackgroundBytes),
        ];
        foreach ((string field, long value) in positive)
        {
            Check(value >= 1, $"{field} is {value}, but it must be at least 1.");
        }

        long requests = (long)options.MaxRunning + options.QueueLength;
        Check(
            options.MaxConnections >= requests,
            $"{nameof(options.MaxConnections)} is {options.MaxConnections}, but {requests} requests may be computed and wait: "
            + "each holds a connection.");

        // The message doesn't contain the key.
        Check(
            options.ApiKeys.All(key => key.Length >= ShortestKey && !key.Any(c => c <= ' ' || c > '~')),
            $"A key is shorter than {ShortestKey} characters or has others than the visible ones of ASCII.");
        foreach (string origin in options.Origins)
        {
            Check(
                Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri)
                && uri.Scheme is "http" or "https"
                && uri.GetLeftPart(UriPartial.Authority) == origin,
                $"The origin {origin} is none: write it like https://example.com, without a path.");
        }

        Check(
            options.Loras is null || Directory.Exists(options.Loras),
            $"The folder of the LoRAs, {options.Loras}, does not exist.");
        foreach (string host in options.PictureHosts)
        {
            Check(ImageHost.TryParse(host, out _), $"{host} names no machine for pictures: write host or host:port.");
        }

        foreach (string proxy in options.Proxies)
        {
            Check(
                TrustedProxies.TryParse(proxy, out _),
                $"The proxy {proxy} is neither an address like 10.0.0.1 nor a network like 10.0.0.0/8.");
        }

        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NexusGen.Core;
using NexusGen.Diffusion.Flux;
using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Model;

/// <summary>
/// Gives the embeddings of a negative prompt. The empty one, which nearly everyone uses, is computed once and stored: beside
/// the model, or in a cache folder where that can't be written. So T5 (9.5 GB) is opened only for a prompt with words, and a
/// model may ship the stored pair instead of CLIP and T5.
/// </summary>
/// <param name="files">The model's files.</param>
/// <param name="options">How the encoders are loaded.</param>
/// <param name="cacheFolder">Where to store what can't be stored beside the model; not stored where null.</param>
/// <param name="budget">How many bytes an encoder may take; what does not fit is read as it is needed.</param>
public sealed class PromptEncoder(ModelFiles files, LoadOptions options, string? cacheFolder = null, long budget = long.MaxValue)
{
    /// <summary>How many tokens T5 gives FLUX.</summary>
    public const int T5Tokens = 512;

    private const string Identity = "identity";

    /// <summary>Whether the model has CLIP and T5; folders with nothing but settings in them can't be asked.</summary>
    public bool HasEncoders => HasWeights(files.Paths.Clip) && HasWeights(files.Paths.T5);

    /// <summary>The embeddings of a text; the caller's.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="NexusGenException">The model has no text encoders, or they can't be read.</exception>
    public PromptEmbeddings Encode(string text) => text.Length > 0 ? Compute(text) : ReadEmpty() ?? ComputeEmpty();

    /// <summary>The embeddings of a text, computed anew whatever is stored; the caller's.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="NexusGenException">The model has no text encoders, or they can't be read.</exception>
    public PromptEmbeddings Compute(string text)
    {
        RequireEncoders(text);
        using var scope = NewDisposeScope();
        Tensor clipIds = Row(files.ClipTokenizer.Encode(text)), t5Ids = Row(files.T5Tokenizer.Encode(text, T5Tokens, pad: true));
        Tensor pooled = Run(files.ClipPart, (encoder, device) => encoder.Forward(clipIds.to(device)));
        Tensor context = Run(files.T5Part, (encoder, device) => encoder.Forward(t5Ids.to(device)));
        return new PromptEmbeddings(pooled.DetachFromDisposeScope(), context.DetachFromDisposeScope());
    }

    /// <summary>Checks that the model has the encoders that a text needs.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="NexusGenException">It has none.</exception>
    public void RequireEncoders(string text)
    {
        if (!HasEncoders)
        {
            throw new NexusGenException(
                $"The model in {files.Paths.Root} has no text encoders ({files.Paths.Clip}, {files.Paths.T5}), "
                + (text.Length > 0
                    ? "so it knows only the empty negative prompt: leave the negative prompt out, or add them."
                    : $"and the embeddings of the empty prompt that could stand for them ({files.Paths.EmptyPrompt}) are missing or not this model's."));
        }
    }

    private PromptEmbeddings ComputeEmpty()
    {
        PromptEmbeddings computed = Compute("");
        StoreEmpty(computed);
        return computed;
    }

    // The encoder is let go as soon as it has spoken.
    private Tensor Run<T>(ModelPart<T> part, Func<T, Device, Tensor> forward)
        where T : Module
    {
        using T encoder = part.Load(options, budget);
        return forward(encoder, options.Placement.Device).to(CPU);
    }

    /// <summary>The stored embeddings of the empty prompt; null where there are none that fit. The caller's.</summary>
    public PromptEmbeddings? ReadEmpty()
    {
        foreach (string path in Candidates())
        {
            using ITensorStore? opened = Open(path);
            if (opened is not { } store)
            {
                continue;
            }

            // A model without text encoders may ship a context of fewer tokens than T5's.
            bool fits = Fits(store, "pooled", [1, files.Configuration.Flux.VecInDim])
                && Fits(store, "context", [1, HasEncoders ? T5Tokens : Tokens(store), files.Configuration.Flux.ContextInDim]);

            // A model without text encoders has nothing to compare with: what it ships is right.
            bool current = !HasEncoders || store.Metadata.GetValueOrDefault(Identity) == IdentityOf(options);
            if (fits && current)
            {
                return new PromptEmbeddings(
                    store.Read(store.Entries["pooled"]).DetachFromDisposeScope(), store.Read(store.Entries["context"]).DetachFromDisposeScope());
            }
        }

        return null;
    }

    /// <summary>
    /// Stores zeros as the embeddings of the empty prompt, for a model that is trained from nothing without text encoders: its
    /// decoders learn what they stand for.
    /// </summary>
    /// <param name="tokens">How many tokens the context has.</param>
    /// <exception cref="NexusGenException">The model has text encoders, or the file can't be written.</exception>
    public void StoreConstant(int tokens)
    {
        if (HasEncoders)
        {
            throw new NexusGenException($"The model in {files.Paths.Root} has text encoders, so its empty prompt is theirs and no constant.");
        }

        using var scope = NewDisposeScope();
        FluxConfiguration sizes = files.Configuration.Flux;
        SafetensorsWriter.Write(files.Paths.EmptyPrompt, [("pooled", zeros(1, sizes.VecInDim)), ("context", zeros(1, tokens, sizes.ContextInDim))]);
    }

    private void StoreEmpty(PromptEmbeddings computed)
    {
        foreach (string path in Candidates())
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                SafetensorsWriter.Write(
                    path, [("pooled", computed.Pooled), ("context", computed.Context)],
                    new Dictionary<string, string> { [Identity] = IdentityOf(options) });
                return;
            }
            catch (Exception e) when (e is NexusGenException or IOException or UnauthorizedAccessException)
            {
                // The next place; where none can be written the pair is computed again next time.
            }
        }
    }

    private IEnumerable<string> Candidates()
    {
        yield return files.Paths.EmptyPrompt;
        if (cacheFolder is not null)
        {
            string key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(files.Paths.Root + IdentityOf(options))))[..16];
            yield return Path.Combine(cacheFolder, $"empty-prompt-{key}.safetensors");
        }
    }

    private static bool HasWeights(string folder) => Directory.Exists(folder) && Directory.EnumerateFiles(folder).Any(IsWeights);

    private static bool IsWeights(string file) => Path.GetExtension(file) is ".safetensors" or ".bin" or ".pt" or ".pth";

    // A file that can't be read is no harm: the pair is computed and stored again.
    private static ITensorStore? Open(string path)
    {
        try
        {
            return File.Exists(path) ? TensorStore.Open(path) : null;
        }
        catch (WeightFileException)
        {
            return null;
        }
    }

    private static long Tokens(ITensorStore store) =>
        store.Entries.TryGetValue("context", out TensorEntry? entry) && entry.Shape is [_, var tokens, _] ? Math.Max(tokens, 1) : T5Tokens;

    private static bool Fits(ITensorStore store, string name, long[] shape) =>
        store.Entries.TryGetValue(name, out TensorEntry? entry) && entry.Shape.AsSpan().SequenceEqual(shape);

    // Another encoder, precision or storage of weights gives other embeddings.
    private string IdentityOf(LoadOptions loading)
    {
        static IEnumerable<string> Describe(string folder) => Directory.Exists(folder)
            ? new DirectoryInfo(folder).GetFiles().Where(file => IsWeights(file.Name)).OrderBy(file => file.Name, StringComparer.Ordinal)
                .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Name}:{file.Length}:{file.LastWriteTimeUtc.Ticks}"))
            : [];
        return string.Join(';', [options.Placement.Precision.ToString(), loading.LinearFormat.Name, .. Describe(files.Paths.Clip), .. Describe(files.Paths.T5)]);
    }

    private static Tensor Row(IEnumerable<int> ids) => tensor(ids.Select(id => (long)id).ToArray()).unsqueeze(0);
}

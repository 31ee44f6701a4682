using NexusGen.Core;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// Samples the next token. The order is the official one: repetition penalty, temperature, top-k, top-p. Each sequence has its
/// own random number generator, so its tokens do not depend on the rest of the batch.
/// </summary>
internal sealed class TokenSampler : IDisposable
{
    // Below this temperature the most likely token has all the probability, and scaled logits would overflow.
    private const double Greedy = 1e-4;

    private readonly SamplingOptions _options;
    private readonly int? _excluded;
    private readonly Generator _generator;

    /// <summary>Initializes the sampler of one sequence.</summary>
    /// <param name="options">How to sample.</param>
    /// <param name="excluded">A token that is never sampled, or null for none.</param>
    /// <exception cref="NexusGenException">A value is out of range.</exception>
    public TokenSampler(SamplingOptions options, int? excluded = null)
    {
        string? wrong = options switch
        {
            { Temperature: var t } when !(t >= 0) || double.IsInfinity(t) => $"temperature is {t}, but must be 0 or more",
            { TopK: < 0 } => $"top-k is {options.TopK}, but must be 0 or more",
            { TopP: var p } when !(p >= 0 && p <= 1) => $"top-p is {p}, but must be from 0 to 1",
            { RepetitionPenalty: var r } when !(r > 0) || double.IsInfinity(r) =>
                $"the repetition penalty is {r}, but must be above 0",
            _ => null,
        };
        if (wrong is not null)
        {
            throw new NexusGenException($"The {wrong}.");
        }

        _options = options;
        _excluded = excluded;
        _generator = new Generator(options.Seed);
    }

    /// <summary>Computes the probabilities that tokens are sampled with.</summary>
    /// <param name="logits">The logits, [batch, vocabulary].</param>
    /// <param name="previous">The tokens of the prompt and of the reply so far, [batch, tokens].</param>
    /// <param name="options">How to sample.</param>
    /// <returns>[batch, vocabulary], float32.</returns>
    public static Tensor Probabilities(Tensor logits, Tensor previous, SamplingOptions options)
    {
        using var scope = NewDisposeScope();
        Tensor scores = Penalized(logits.to(ScalarType.Float32), previous, options.RepetitionPenalty);
        if (options.Temperature < Greedy)
        {
            Tensor best = zeros_like(scores);
            return best.scatter_(1, scores.argmax(1, keepdim: true), ones_like(scores)).MoveToOuterDisposeScope();
        }

        scores = scores / Scalars.Of(options.Temperature);
        if (options.TopK > 0 && options.TopK < scores.shape[1])
        {
            Tensor least = scores.topk(options.TopK).values.narrow(1, options.TopK - 1, 1);
            scores = scores.masked_fill(scores < least, Scalars.Of(float.NegativeInfinity));
        }

        if (options.TopP < 1)
        {
            // From the least likely token on, tokens are removed while their cumulative probability is at most 1 − p, but never
            // the most likely one.
            (Tensor ascending, Tensor order) = scores.sort(1);
            Tensor gone = ascending.softmax(1).cumsum(1) <= Scalars.Of(1 - options.TopP);
            gone.narrow(1, gone.shape[1] - 1, 1).fill_(Scalars.Of(false));
            scores = scores.masked_fill(zeros_like(gone).scatter_(1, order, gone), Scalars.Of(float.NegativeInfinity));
        }

        return scores.softmax(1).MoveToOuterDisposeScope();
    }

    /// <summary>Samples the next token of the sequence.</summary>
    /// <param name="logits">The logits, [vocabulary].</param>
    /// <param name="previous">The tokens of the prompt and of the reply so far.</param>
    /// <exception cref="NexusGenException">The largest logit is not a finite number.</exception>
    public int Next(Tensor logits, IReadOnlyCollection<int> previous)
    {
        using var scope = NewDisposeScope();
        Tensor row = logits.to(ScalarType.Float32, CPU).unsqueeze(0),
            ids = tensor(previous.Select(id => (long)id).ToArray()).unsqueeze(0);
        if (!(row.max().item<float>() is var best && float.IsFinite(best)))
        {
            throw new NexusGenException(
                "The language model's scores are not numbers: its weights are damaged, "
                + "or a precision with more range is needed (bfloat16, float32).");
        }

        if (_excluded is { } excluded)
        {
            row = row.index_fill(1, tensor(new[] { (long)excluded }), Scalars.Of(float.NegativeInfinity));
        }

        if (_options.Temperature < Greedy)
        {
            return (int)Penalized(row, ids, _options.RepetitionPenalty).argmax().item<long>();
        }

        return (int)multinomial(Probabilities(row, ids, _options), 1, generator: _generator).item<long>();
    }

    /// <inheritdoc/>
    public void Dispose() => _generator.Dispose();

    // Penalizes each token once, no matter how often it occurs.
    private static Tensor Penalized(Tensor scores, Tensor previous, double penalty)
    {
        if (penalty == 1 || previous.NumberOfElements == 0)
        {
            return scores;
        }

        Tensor chosen = scores.gather(1, previous);
        return scores.scatter(
            1,
            previous,
            where(chosen < Scalars.Of(0), chosen * Scalars.Of(penalty), chosen / Scalars.Of(penalty)));
    }
}

using NexusGen.Training.Core;

namespace NexusGen.Training.Data;

/// <summary>
/// Mixes several sequences of samples by weight. The sequence that a position is taken from depends only on the seed and the
/// position.
/// </summary>
/// <typeparam name="T">The type of the samples.</typeparam>
/// <param name="parts">The sequences and their weights, which must be positive.</param>
/// <param name="seed">The seed of the choice.</param>
internal sealed class SourceMix<T>(IReadOnlyList<(double Weight, ISampleData<T> Data)> parts, ulong seed) : ISampleData<T>
{
    private const ulong ChoicePurpose = 0x6d69786564;

    private readonly double _total = parts.Sum(part => part.Weight);

    /// <inheritdoc/>
    public T this[long place]
    {
        get
        {
            double choice = CounterRandom.Uniform(seed, ChoicePurpose, (ulong)place) * _total;
            foreach ((double weight, ISampleData<T> data) in parts)
            {
                choice -= weight;
                if (choice < 0)
                {
                    return data[place];
                }
            }

            return parts[^1].Data[place];
        }
    }
}

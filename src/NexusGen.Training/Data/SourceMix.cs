using NexusGen.Training.Core;

namespace NexusGen.Training.Data;

/// <summary>Several rows of samples mixed by weight; which one a place is taken from follows from the seed and the place.</summary>
/// <typeparam name="T">A sample.</typeparam>
/// <param name="parts">The rows and their shares, above 0.</param>
/// <param name="seed">Decides the choice.</param>
public sealed class SourceMix<T>(IReadOnlyList<(double Weight, ISampleData<T> Data)> parts, ulong seed) : ISampleData<T>
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
